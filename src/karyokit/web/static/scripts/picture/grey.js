// The metaphase picture with its light: brightness, contrast and inversion applied to the grey values once per change.

export const PLAIN = { brightness: 0, contrast: 0, inverted: false };

// 256 grey values for each value of the picture; brightness and contrast from -100 to 100.
export function greyTable({ brightness, contrast, inverted }) {
  const slope = contrast >= 0 ? 1 / (1 - Math.min(contrast, 99) / 100) : 1 + contrast / 100;
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
    const grey = (value - 127.5) * slope + 127.5 + brightness * 1.28;
    return inverted ? 255 - grey : grey;
  });
}

function loaded(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The metaphase picture could not be loaded."));
    image.src = url;
  });
}

export class GreyPicture {
  constructor(canvas, levels) {
    Object.assign(this, { canvas, levels });
    this.pixels = new ImageData(canvas.width, canvas.height);
    this.setLight(PLAIN);
  }

  static async load(url) {
    const image = await loaded(url);
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return new GreyPicture(
      canvas,
      Uint8Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]),
    );
  }

  setLight(light) {
    const table = greyTable(light);
    const target = new Uint32Array(this.pixels.data.buffer);
    const packed = Uint32Array.from(table, (grey) => (255 << 24) | (grey << 16) | (grey << 8) | grey);
    for (let at = 0; at < target.length; at += 1) target[at] = packed[this.levels[at]];
    this.canvas.getContext("2d").putImageData(this.pixels, 0, 0);
  }
}
