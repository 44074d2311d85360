// Looks at the pictures as a browser has laid them out, and writes a line for each: what a person would be annoyed by.
'use strict';

const slack = 1;  // pixel of a picture

function numbers(svg, name) {
  return svg.getAttribute(name).split(' ').map(Number);
}

function inside(svg, box) {
  const [x, y, width, height] = numbers(svg, 'viewBox');
  return box.x >= x && box.y >= y && box.x + box.width <= x + width && box.y + box.height <= y + height;
}

function overlap(a, b) {
  return a.x + slack < b.x + b.width && b.x + slack < a.x + a.width && a.y + slack < b.y + b.height &&
    b.y + slack < a.y + a.height;
}

// WCAG 2.1, relative luminance and contrast ratio.
function luminance(color) {
  const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const fill = (element) => getComputedStyle(element).fill;

function textFaults(svg) {
  const faults = [];
  const texts = [...svg.querySelectorAll('text')].map((element) => ({ element, box: element.getBBox() }));
  const areas = [...svg.querySelectorAll('rect:not(.hit)')];
  texts.forEach(({ element, box }, index) => {
    const words = JSON.stringify(element.textContent.slice(0, 40));
    if (box.width === 0) faults.push(`${words} cannot be seen`);
    if (!inside(svg, box)) faults.push(`${words} is outside`);
    for (const other of texts.slice(index + 1)) {
      if (overlap(box, other.box)) faults.push(`${words} lies over ${JSON.stringify(other.element.textContent)}`);
    }
    for (const area of areas.filter((one) => overlap(one.getBBox(), box))) {
      const ratio = contrast(fill(element), fill(area));
      if (ratio < 4.5) faults.push(`${words} has a contrast of ${ratio.toFixed(2)}`);
    }
  });
  return faults;
}

// The axis says where a time stands: its first line is 0, and each further one has its number above it.
function barFaults(svg) {
  const bars = [...svg.querySelectorAll('rect[data-from]')];
  const ticks = [...svg.querySelectorAll('line.grid')].map((line) => line.x1.baseVal.value);
  const labels = [...svg.querySelectorAll('text.middle')].map((text) => Number(text.textContent));
  if (bars.length === 0 || ticks.length === 0) return [];
  const zero = svg.querySelector('line.axis').x1.baseVal.value;
  const scale = (ticks[ticks.length - 1] - zero) / labels[labels.length - 1];
  const faults = [];
  for (const bar of bars) {
    const box = bar.getBBox();
    const from = zero + scale * bar.dataset.from;
    const until = zero + scale * bar.dataset.until;
    const shortest = box.width <= 3 + slack && until - from < 3;
    if (!shortest && (Math.abs(box.x - from) > slack || Math.abs(box.x + box.width - until) > slack))
      faults.push(`a bar from ${bar.dataset.from} to ${bar.dataset.until} ms is elsewhere`);
    if (shortest && (from < box.x - 3 - slack || from > box.x + box.width + slack))
      faults.push(`a short bar at ${bar.dataset.from} ms is elsewhere`);
  }
  return faults;
}

function heightFaults(svg) {
  const bars = [...svg.querySelectorAll('rect[data-count]')];
  const most = Math.max(...bars.map((bar) => bar.getBBox().height / bar.dataset.count));
  return bars.filter((bar) => Math.abs(bar.getBBox().height - most * bar.dataset.count) > slack)
    .map((bar) => `a bar of ${bar.dataset.count} has another height`);
}

function look(section) {
  const svg = section.querySelector('svg');
  const image = section.querySelector('img');
  const faults = [...textFaults(svg), ...barFaults(svg), ...heightFaults(svg)];
  if (image.naturalWidth === 0) faults.push('as an image it does not load');
  for (const part of ['title', 'desc'])
    if (!svg.querySelector(`:scope > ${part}`)?.textContent) faults.push(`it has no ${part}`);
  const count = `${svg.querySelectorAll('text').length} texts, ` +
    `${svg.querySelectorAll('rect[data-from],rect[data-count]').length} bars`;
  return `${faults.length === 0 ? 'ok' : 'BAD'} ${section.id}: ${[count, ...faults].join('; ')}`;
}

addEventListener('load', () => {
  const scheme = matchMedia('(prefers-color-scheme:dark)').matches ? 'dark' : 'light';
  const lines = [...document.querySelectorAll('section')].map((section) => `${scheme} ${look(section)}`);
  document.getElementById('report').textContent = `\n${lines.join('\n')}\n`;
});
