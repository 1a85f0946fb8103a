// The live picture: each frame is asked for when the one before has been drawn, so a slow screen never lags behind.

import { pause, visible } from "./http.js";

const CALM_MS = 200; // between frames while the picture doesn't matter
const RETRY_MS = 700;

export class Viewer {
  /** `calm`: go on at a few frames a second while the picture does not matter, instead of standing still. */
  constructor(box, { calm }) {
    this.box = box;
    this.canvas = box.querySelector("canvas");
    this.pen = this.canvas.getContext("2d", { alpha: false });
    this.calm = calm;
    this.live = false;
    this.number = 0;
    this.wake = () => {};
    this.run();
  }

  /** Takes from a snapshot whether the picture matters now, and the guide's colour. */
  show({ live, tone }) {
    this.box.dataset.tone = tone;
    this.box.classList.toggle("live", live);
    this.live = live;
    if (live) this.wake();
  }

  async run() {
    for (;;) {
      await visible();
      if (!this.live) await this.rest();
      try {
        await this.next();
      } catch {
        this.box.classList.remove("pictured"); // the state's poll tells that the server is gone
        await pause(RETRY_MS);
      }
    }
  }

  rest() {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.calm) setTimeout(resolve, CALM_MS);
    });
  }

  async next() {
    const response = await fetch(`/frame?after=${this.number}`);
    if (response.status === 204) {
      this.box.classList.remove("pictured");
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    this.number = Number(response.headers.get("X-Frame"));
    const bitmap = await createImageBitmap(await response.blob());
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width;
      this.canvas.height = bitmap.height;
    }
    this.pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.box.classList.add("pictured");
    this.canvas.dataset.frame = String(this.number);
    this.canvas.dataset.drawn = String(Number(this.canvas.dataset.drawn ?? 0) + 1);
  }
}
