// A screen that waits for somebody of the staff: whose thumb is pressed, whose card is laid down. One screen at a time is waited
// for, the one that asked last; one that is looked at again asks again.

import { leaveBehind, pause, post, Refused, visible } from "./http.js";

const RETRY_MS = 1500;

export class Waiting {
  #round = 0; // of this screen: an older loop ends when it sees another one
  #claim = 0;

  /** `address`: where news come from; `ask`: what goes along; `show`: takes what came. */
  constructor(address, ask, show) {
    Object.assign(this, { address, ask, show });
    addEventListener("focus", () => { if (this.#round && this.elsewhere) this.begin(); });
    addEventListener("pagehide", () => this.end());
  }

  async begin() {
    const round = this.#round = Date.now() + Math.random();
    this.elsewhere = false;
    try {
      const { claim } = await post("/thumb/begin");
      if (!claim || round !== this.#round) return;
      this.#claim = claim;
      await this.#follow(round, claim);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await pause(RETRY_MS);
      if (round === this.#round) await this.begin();
    }
  }

  end() {
    if (this.#round && this.#claim) leaveBehind("/thumb/leave", { claim: this.#claim });
    this.#round = this.#claim = 0;
  }

  async #follow(round, claim) {
    for (let after = 0; round === this.#round;) {
      await visible();
      const news = await post(this.address, { claim, after, ...this.ask() });
      if (round !== this.#round) return;
      after = news.number;
      this.elsewhere = news.scanner === "elsewhere";
      this.show(news);
      if (this.elsewhere || news.go) return;
    }
  }
}
