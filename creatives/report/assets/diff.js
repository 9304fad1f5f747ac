// Where two pictures differ: compared in small, cell by cell, and told as boxes around what differs.

const LONGEST = 192;
const CELL = 6;
const NOTICEABLE = 26;
const MOSTLY = 0.55;

/**
 * Boxes around the regions in which two pictures differ, as shares of width and height: [{left, top, width, height}].
 * `everywhere` is true where most of them differs, `different` where their proportions do.
 */
export async function differences(one, other) {
  const [first, second] = await Promise.all([loaded(one), loaded(other)]);
  const [a, b] = [first.naturalWidth / first.naturalHeight, second.naturalWidth / second.naturalHeight];
  if (Math.abs(Math.log(a / b)) > 0.05) return { boxes: [], everywhere: true };
  const size = {
    width: Math.round(a >= 1 ? LONGEST : LONGEST * a),
    height: Math.round(a >= 1 ? LONGEST / a : LONGEST),
  };
  const cells = differingCells(pixels(first, size), pixels(second, size), size);
  const everywhere = cells.flat().filter(Boolean).length > MOSTLY * cells.flat().length;
  return { boxes: everywhere ? [] : boxesAround(cells), everywhere };
}

async function loaded(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

function pixels(image, { width, height }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

/** Rows of cells, true where the pixels of a cell differ by more than compression makes them. */
function differingCells(one, other, { width, height }) {
  const rows = Array.from({ length: Math.ceil(height / CELL) }, () =>
    new Array(Math.ceil(width / CELL)).fill(false),
  );
  return rows.map((row, y) =>
    row.map((_, x) => meanDifference(one, other, width, height, x * CELL, y * CELL) > NOTICEABLE),
  );
}

function meanDifference(one, other, width, height, left, top) {
  let sum = 0;
  let n = 0;
  for (let y = top; y < Math.min(top + CELL, height); y += 1) {
    for (let x = left; x < Math.min(left + CELL, width); x += 1) {
      const at = 4 * (y * width + x);
      sum += Math.max(...[0, 1, 2].map((channel) => Math.abs(one[at + channel] - other[at + channel])));
      n += 1;
    }
  }
  return sum / n;
}

/** Boxes around cells that touch, or almost do; as shares of the whole. */
export function boxesAround(cells) {
  const seen = cells.map((row) => row.map(() => false));
  const found = [];
  cells.forEach((row, y) =>
    row.forEach((differs, x) => {
      if (differs && !seen[y][x]) found.push(boxFrom(cells, seen, x, y));
    }),
  );
  const [columns, rows] = [cells[0]?.length ?? 1, cells.length || 1];
  return found.map(({ left, top, right, bottom }) => ({
    left: left / columns,
    top: top / rows,
    width: (right - left + 1) / columns,
    height: (bottom - top + 1) / rows,
  }));
}

function boxFrom(cells, seen, startX, startY) {
  const box = { left: startX, right: startX, top: startY, bottom: startY };
  const waiting = [[startX, startY]];
  seen[startY][startX] = true;
  while (waiting.length) {
    const [x, y] = waiting.pop();
    Object.assign(box, {
      left: Math.min(box.left, x),
      right: Math.max(box.right, x),
      top: Math.min(box.top, y),
      bottom: Math.max(box.bottom, y),
    });
    for (const [nextX, nextY] of neighbours(x, y)) {
      if (!cells[nextY]?.[nextX] || seen[nextY][nextX]) continue;
      seen[nextY][nextX] = true;
      waiting.push([nextX, nextY]);
    }
  }
  return box;
}

/** Up to three cells away sideways and two up and down: the letters of a word belong together. */
function neighbours(x, y) {
  const near = [];
  for (let dy = -2; dy <= 2; dy += 1) for (let dx = -3; dx <= 3; dx += 1) near.push([x + dx, y + dy]);
  return near;
}
