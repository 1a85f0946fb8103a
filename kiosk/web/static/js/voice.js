// The student's screen speaks: through a voice that is installed on this machine, never one on the network, and where there is
// none by short tones. What is said is the instruction alone, in words that carry nobody's data.

import { pause } from "./http.js";

const SETTLE_MS = 350; // an instruction that is gone sooner is not spoken
const REPEAT_MS = 10_000; // the same one comes again no sooner than this
const TONES = {
  neutral: [[660, 0.14]],
  good: [[660, 0.1], [990, 0.16]],
  mend: [[520, 0.12], [520, 0.12]],
  stop: [[330, 0.4]],
}; // Hz and seconds
const LOUDNESS = 0.12;
const WILLING_MS = 1000; // a browser that lets the page be heard has its sound running by then

export class Voice {
  /** `button` is shown while the browser wants a click before it lets the page be heard; `heard`: it was told to want none. */
  constructor(button, { heard = false } = {}) {
    this.heard = heard;
    this.button = button;
    this.on = false;
    this.wanted = { says: [], tone: "neutral" };
    this.last = { key: "", at: -REPEAT_MS };
    this.timer = 0;
    button.addEventListener("click", () => this.unlock());
  }

  /** Takes what a snapshot wants to be heard; a new instruction ends the one that is being spoken. */
  hear({ on, says, tone }, instruction) {
    const key = on ? instruction : "";
    if (this.key === key) return;
    this.key = key;
    this.on = on;
    this.wanted = { says, tone };
    clearTimeout(this.timer);
    globalThis.speechSynthesis?.cancel();
    if (!on) this.button.hidden = true;
    else this.timer = setTimeout(() => this.say(), SETTLE_MS);
  }

  /** Whether the browser lets the page be heard. Trying all the same only fills its log, where nobody told it to. */
  async mayBeHeard() {
    if (navigator.userActivation.hasBeenActive) return true;
    if (!this.heard) return false;
    this.audio ??= new AudioContext();
    await Promise.race([this.audio.resume(), pause(WILLING_MS)]); // where it isn't, this waits for a click
    return this.audio.state === "running";
  }

  async say() {
    const now = performance.now();
    if (this.last.key === this.key && now - this.last.at < REPEAT_MS) return;
    this.last = { key: this.key, at: now };
    const { key } = this;
    const may = await this.mayBeHeard();
    if (this.key !== key) return; // something else is to be said meanwhile
    this.button.hidden = may;
    if (!may) return;
    for (const { text, voices } of this.wanted.says) {
      const voice = text ? localVoice(voices) : null;
      if (voice) return this.speak(voice, text);
    }
    return this.sound();
  }

  speak(voice, text) {
    this.speech = new SpeechSynthesisUtterance(text); // kept: what nothing refers to may fall silent half-way
    Object.assign(this.speech, { voice, lang: voice.lang });
    speechSynthesis.speak(this.speech);
  }

  sound() {
    this.audio ??= new AudioContext();
    let at = this.audio.currentTime;
    for (const [pitch, seconds] of TONES[this.wanted.tone]) {
      const [tone, level] = [this.audio.createOscillator(), this.audio.createGain()];
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(LOUDNESS, at);
      level.gain.exponentialRampToValueAtTime(0.001, at + seconds); // fades: a sound that is cut clicks
      tone.connect(level).connect(this.audio.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.06;
    }
  }

  unlock() {
    this.last.key = "";
    if (this.on) this.say();
  }
}

/** A voice that works without the network, or null: the first of the tags for which one is installed; `*` stands for any end. */
function localVoice(wanted) {
  const found = (globalThis.speechSynthesis?.getVoices() ?? []).filter(({ localService }) => localService);
  const tags = found.map((voice) => [voice.lang.replace("_", "-").toLowerCase(), voice]);
  const fits = (tag, pattern) => (pattern.endsWith("*") ? tag.startsWith(pattern.slice(0, -1)) : tag === pattern);
  return wanted.flatMap((pattern) => tags.filter(([tag]) => fits(tag, pattern.toLowerCase())))[0]?.[1] ?? null;
}
