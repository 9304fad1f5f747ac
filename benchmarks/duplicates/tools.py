"""What other people's tools make of a picture: ImageMagick, ffmpeg, cwebp, avifenc."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.duplicates.pairs import File


@dataclass(frozen=True)
class Tool:
    """A way to save a picture again.

    Attributes:
        commands: run one after the other, by words; `{in}` is the picture, `{tmp}` between, `{out}` what comes out.
        suffix: of what comes out.
        social_only: for pictures of 600 pixels and more on both sides.
        overlay: it adds or cuts away something, and is counted apart.
    """

    commands: tuple[str, ...]
    suffix: str
    social_only: bool = False
    overlay: bool = False

    def fits(self, image: Image.Image) -> bool:
        """Whether it is for pictures of this size."""
        return not self.social_only or min(image.size) >= 600

    def run(self, image: Image.Image) -> File:
        """The picture as the tool saves it.

        Raises:
            subprocess.CalledProcessError: with what the tool said.
        """
        with TemporaryDirectory() as folder:
            paths = {
                "in": f"{folder}/in.png",
                "out": f"{folder}/out{self.suffix}",
                "tmp": f"{folder}/between.jpg",
                "w": str(image.width),
                "h": str(image.height),
                "right": str(image.width - 4),
                "tag": str(image.width - 18),
                "icon": str(image.width - 14),
                "corner": str(max(6, min(image.size) // 20)),
            }
            image.save(paths["in"], compress_level=1)
            for command in self.commands:
                words = [word.replace("_", " ").format(**paths) for word in command.split()]  # of one drawing
                subprocess.run(words, check=True, capture_output=True)
            return File.of(Path(paths["out"]).read_bytes())


def _magick(options: str, suffix: str, *, social_only: bool = False, overlay: bool = False) -> Tool:
    return Tool((f"convert {{in}} {options} {{out}}",), suffix, social_only, overlay)


TOOLS: dict[str, Tool] = {
    "bmp": _magick("-type TrueColor", ".bmp"),
    "lossless webp": Tool(("cwebp -quiet -lossless -exact {in} -o {out}",), ".webp"),
    "jpeg q85": _magick("-quality 85", ".jpg"),
    "jpeg q71, 4:2:0": _magick("-sampling-factor 4:2:0 -quality 71", ".jpg"),
    "jpeg q40": _magick("-quality 40", ".jpg"),
    "jpeg by ffmpeg": Tool(("ffmpeg -v error -y -i {in} -q:v 4 {out}",), ".jpg"),
    "webp q75": Tool(("cwebp -quiet -q 75 {in} -o {out}",), ".webp"),
    "webp q50": Tool(("cwebp -quiet -q 50 {in} -o {out}",), ".webp"),
    "avif": Tool(("avifenc -s 8 --min 20 --max 36 {in} {out}",), ".avif"),
    "gif": _magick("", ".gif"),
    "jpeg, then webp": Tool(("convert {in} -quality 80 {tmp}", "cwebp -quiet -q 70 {tmp} -o {out}"), ".webp"),
    "2/3": _magick("-resize 66.67% -quality 85", ".jpg"),
    "2/3 by ffmpeg": Tool(("ffmpeg -v error -y -i {in} -vf scale=iw*2/3:-1 -q:v 3 {out}",), ".jpg"),
    "half": _magick("-resize 50% -quality 80", ".jpg"),
    "320 wide": _magick("-resize 320 -quality 80", ".jpg", social_only=True),
    "twice": _magick("-resize 200% -quality 85", ".jpg"),
    "brighter": _magick("-modulate 106 -quality 88", ".jpg"),
    "contrast": _magick("-brightness-contrast 0x8 -quality 88", ".jpg"),
    "saturated": _magick("-modulate 100,115 -quality 88", ".jpg"),
    "gamma": _magick("-gamma 1.06 -quality 88", ".jpg"),
    "levels 4 to 250": _magick("+level 1.6%,98% -quality 90", ".jpg"),
    "border 1 px": _magick("-bordercolor black -border 1 -quality 85", ".jpg"),
    "crop 2 %": _magick("-gravity center -crop 98%x98%+0+0 +repage -quality 85", ".jpg"),
    "sharpened": _magick("-unsharp 0x1.5+0.9+0.01 -quality 85", ".jpg"),
    "rounded corners": Tool(
        (
            "convert -size {w}x{h} xc:none -fill white -draw roundrectangle_0,0,{w},{h},{corner},{corner} {tmp}.png",
            "convert {in} {tmp}.png -alpha set -compose DstIn -composite {out}",
        ),
        ".png",
        overlay=True,
    ),
    "AdChoices": _magick(
        "-fill white -draw rectangle_{tag},0,{w},14 -fill #00aecd -draw polygon_{icon},2,{icon},12,{right},7",
        ".png",
        overlay=True,
    ),
}
