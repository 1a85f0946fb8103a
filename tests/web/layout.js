// What must hold of a screen's parts: none leaves the screen, lies over another, or is cut. Returns what is wrong.
() => {
  const faults = [];
  const name = (part) => part.dataset.region ?? (part.className || part.id || part.tagName);
  const shown = (parts) => [...parts].filter((part) => part.getClientRects().length && part.offsetHeight).map((part) => [part, part.getBoundingClientRect()]);
  const apart = (boxes) => boxes.forEach(([part, a], index) => {
    for (const [other, b] of boxes.slice(index + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) faults.push(`${name(part)} and ${name(other)} overlap`);
    }
  });
  const within = (boxes, outer, what) => {
    for (const [part, box] of boxes) {
      if (box.left < outer.left - 1 || box.top < outer.top - 1 || box.right > outer.right + 1 || box.bottom > outer.bottom + 1) {
        faults.push(`${name(part)} ${what}`);
      }
    }
  };

  const regions = shown(document.querySelectorAll("[data-region]"));
  apart(regions);
  within(regions, { left: 0, top: 0, right: innerWidth, bottom: innerHeight }, "leaves the screen");
  for (const root of [document.documentElement, document.body]) {
    if (root.scrollHeight > innerHeight + 1 || root.scrollWidth > innerWidth + 1) faults.push("the page scrolls");
  }
  for (const [column, outer] of shown(document.querySelectorAll(".top, .say, .who, .way, .middle, .step-panel, .compare, .duplicates, .duplicates article, .bottom, .booth, .play-panel"))) {
    const inner = shown(column.children);
    apart(inner);
    within(inner, outer, `is cut by ${name(column)}`);
  }
  const lines = ".commands, .menu, .say, .tag, .commands button, .say-large, .counts, .progress li, .play-actions button";
  for (const [line] of shown(document.querySelectorAll(lines))) {
    if (line.scrollWidth > line.clientWidth + 1) faults.push(`${name(line)} is too narrow`);
  }
  return faults;
}
