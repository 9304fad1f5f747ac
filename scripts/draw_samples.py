"""Draws the creatives in `samples/`: ads of invented brands, and copies, a variant, a video and files that must fail.

    .venv/bin/python scripts/draw_samples.py

Everything is drawn here from shapes, gradients and noise, so that the files belong to the project.
"""

import math
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = Path(__file__).resolve().parent.parent / "samples"

type Colour = tuple[int, int, int]


def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans Bold, which has every accent that the ads use (Debian: fonts-dejavu-core)."""
    return ImageFont.truetype("DejaVuSans-Bold.ttf", size)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A vertical gradient with film grain, as a photo's background has it."""
    width, height = size
    ramp = np.linspace(0, 1, height)[:, None, None]
    rows = np.array(top) * (1 - ramp) + np.array(bottom) * ramp
    grain = np.random.default_rng(7).normal(0, 3.5, (height, width, 1))
    return Image.fromarray(np.clip(rows + grain, 0, 255).astype(np.uint8), "RGB")


def beach(size: tuple[int, int]) -> Image.Image:
    """A low sun over the sea, dunes in front."""
    width, height = size
    scene = gradient(size, (255, 148, 94), (255, 214, 150))
    draw = ImageDraw.Draw(scene)
    horizon = int(height * 0.58)
    draw.ellipse(_circle(width * 0.72, horizon - height * 0.1, height * 0.16), fill=(255, 243, 201))
    draw.rectangle((0, horizon, width, height), fill=(38, 112, 143))
    generator = np.random.default_rng(3)
    for _ in range(420):
        x, y = generator.uniform(0, width), generator.uniform(horizon, height)
        length = (y - horizon) / height * 130 + 8
        shade = int(generator.uniform(70, 190))
        draw.line((x, y, x + length, y), fill=(shade, min(255, shade + 60), 200), width=2)
    dune = [(x, height * (0.86 + 0.05 * math.sin(x / width * 5))) for x in range(0, width + 10, 10)]
    draw.polygon([(0, height), *dune, (width, height)], fill=(231, 196, 138))
    return scene.filter(ImageFilter.GaussianBlur(1.2))


def road(size: tuple[int, int]) -> Image.Image:
    """A car on a road before mountains."""
    width, height = size
    scene = gradient(size, (110, 160, 214), (222, 234, 243))
    draw = ImageDraw.Draw(scene)
    peaks = np.random.default_rng(11).uniform(0.28, 0.52, 12)
    ridge = [(index * width / 11, height * peak) for index, peak in enumerate(peaks)]
    draw.polygon([(0, height), *ridge, (width, height)], fill=(84, 104, 120))
    draw.rectangle((0, height * 0.66, width, height), fill=(62, 64, 70))
    for x in range(0, width, 120):
        draw.rectangle((x, height * 0.84, x + 60, height * 0.855), fill=(238, 226, 170))
    _car(draw, width * 0.30, height * 0.78, width * 0.42)
    return scene.filter(ImageFilter.GaussianBlur(1))


def _car(draw: ImageDraw.ImageDraw, x: float, y: float, length: float) -> None:
    height = length * 0.2
    body, glass = (186, 24, 36), (178, 206, 222)
    draw.rounded_rectangle((x, y - height, x + length, y), radius=height * 0.4, fill=body)
    cabin = [(0.2, -1.0), (0.34, -1.85), (0.68, -1.85), (0.84, -1.0)]
    draw.polygon([(x + length * dx, y + height * dy) for dx, dy in cabin], fill=body)
    window = [(0.26, -1.02), (0.37, -1.7), (0.65, -1.7), (0.77, -1.02)]
    draw.polygon([(x + length * dx, y + height * dy) for dx, dy in window], fill=glass)
    for dx in (0.2, 0.78):
        draw.ellipse(_circle(x + length * dx, y, height * 0.46), fill=(24, 24, 26))
        draw.ellipse(_circle(x + length * dx, y, height * 0.24), fill=(190, 192, 196))


def cup(size: tuple[int, int]) -> Image.Image:
    """A cup of coffee seen from above on a wooden table."""
    width, height = size
    scene = gradient(size, (120, 78, 46), (96, 60, 36))
    draw = ImageDraw.Draw(scene)
    generator = np.random.default_rng(5)
    for y in range(0, height, 7):
        shade = int(generator.uniform(70, 120))
        draw.line((0, y, width, y + generator.uniform(-8, 8)), fill=(shade + 22, shade - 12, shade - 40), width=3)
    centre_x, centre_y, radius = width * 0.68, height * 0.5, height * 0.34
    for share, colour in ((1.25, (238, 232, 224)), (0.95, (250, 248, 244)), (0.8, (74, 42, 22)), (0.4, (188, 140, 92))):
        draw.ellipse(_circle(centre_x, centre_y, radius * share), fill=colour)
    return scene.filter(ImageFilter.GaussianBlur(1.4))


def bottle(size: tuple[int, int]) -> Image.Image:
    """A bottle of lotion among leaves."""
    width, height = size
    scene = gradient(size, (214, 236, 220), (168, 206, 180))
    draw = ImageDraw.Draw(scene)
    generator = np.random.default_rng(9)
    for _ in range(60):
        x, y, r = generator.uniform(0, width), generator.uniform(0, height), generator.uniform(20, 80)
        green = int(generator.uniform(110, 190))
        draw.ellipse((x - r, y - r / 3, x + r, y + r / 3), fill=(60, green, 84))
    left, top, right, bottom = width * 0.36, height * 0.3, width * 0.64, height * 0.74
    draw.rounded_rectangle(
        (left, top, right, bottom), radius=30, fill=(250, 250, 246), outline=(190, 200, 190), width=3
    )
    draw.rectangle((width * 0.45, height * 0.22, width * 0.55, top + 4), fill=(46, 92, 70))
    return scene.filter(ImageFilter.GaussianBlur(1))


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def write(
    picture: Image.Image, text: str, at: tuple[float, float], size: int, colour: Colour = (255, 255, 255)
) -> None:
    """Writes `text` with a soft shadow; `at` is its left top, in shares of the picture."""
    draw = ImageDraw.Draw(picture)
    x, y = at[0] * picture.width, at[1] * picture.height
    shadow = tuple(channel // 5 for channel in colour) if sum(colour) > 380 else (255, 255, 255)
    draw.text((x + size / 20, y + size / 20), text, font=font(size), fill=shadow)
    draw.text((x, y), text, font=font(size), fill=colour)


def button(picture: Image.Image, text: str, at: tuple[float, float], size: int, fill: Colour) -> None:
    """A call-to-action button; `at` is its left top, in shares of the picture."""
    draw = ImageDraw.Draw(picture)
    x, y = at[0] * picture.width, at[1] * picture.height
    width = draw.textlength(text, font=font(size))
    draw.rounded_rectangle((x, y, x + width + size * 1.6, y + size * 2), radius=size, fill=fill)
    draw.text((x + size * 0.8, y + size * 0.42), text, font=font(size), fill=(255, 255, 255))


def summer_sale(discount: str) -> Image.Image:
    """A 1.91:1 feed ad; only the discount differs between the two versions."""
    ad = beach((1200, 628))
    write(ad, "SUMMER SALE", (0.06, 0.12), 84)
    write(ad, f"{discount} OFF", (0.06, 0.32), 120, (255, 250, 220))
    write(ad, "Lumera Beachwear", (0.06, 0.6), 40)
    button(ad, "Shop now", (0.06, 0.76), 40, (206, 44, 62))
    return ad


def car_lease() -> Image.Image:
    """A 16:9 car ad with a price."""
    ad = road((1280, 720))
    write(ad, "The new Vanta E5", (0.06, 0.08), 80)
    write(ad, "from €299 per month", (0.06, 0.22), 56)
    button(ad, "Book a test drive", (0.06, 0.87), 36, (20, 90, 160))
    return ad


def coffee() -> Image.Image:
    """A square ad in French."""
    ad = cup((1080, 1080))
    write(ad, "Le café du matin", (0.06, 0.08), 78)
    write(ad, "2 achetés, 1 offert", (0.06, 0.2), 64, (255, 224, 160))
    button(ad, "Acheter maintenant", (0.06, 0.86), 46, (160, 60, 30))
    return ad


def skincare() -> Image.Image:
    """A 4:5 ad in German."""
    ad = bottle((1080, 1350))
    write(ad, "Pflege, die bleibt", (0.08, 0.06), 86, (24, 60, 44))
    write(ad, "Jetzt 30 % Rabatt", (0.08, 0.78), 72, (24, 60, 44))
    button(ad, "Jetzt kaufen", (0.1, 0.88), 50, (46, 92, 70))
    return ad


def story() -> Image.Image:
    """A 9:16 story of the same brand as the sale."""
    ad = beach((1080, 1920))
    write(ad, "Hello,", (0.1, 0.12), 150)
    write(ad, "sunshine", (0.1, 0.2), 150)
    write(ad, "New swimwear is here", (0.1, 0.32), 72)
    button(ad, "Discover more", (0.1, 0.86), 64, (206, 44, 62))
    return ad


def video(path: Path, frame_at: Callable[[float], Image.Image], *, seconds: float, fps: int = 24) -> None:
    """Encodes what `frame_at(second)` draws as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "27", "preset": "slow"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for index in range(int(seconds * fps)):
            frame = av.VideoFrame.from_image(frame_at(index / fps))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_drive() -> Callable[[float], Image.Image]:
    """A six-second spot: the car passes, then an end card."""
    scenery = road((1280, 720)).resize((1600, 900))
    end = gradient((640, 360), (20, 40, 70), (10, 20, 36))
    write(end, "Vanta E5", (0.1, 0.2), 64)
    write(end, "0% financing until June", (0.1, 0.48), 36)
    button(end, "Book now", (0.1, 0.72), 26, (206, 44, 62))

    def frame_at(second: float) -> Image.Image:
        if second >= 4:
            return end
        left = int(second * 120)
        frame = scenery.crop((left, 100, left + 1100, 719)).resize((640, 360))
        write(frame, "Drive electric", (0.06, 0.08), 48)
        return frame

    return frame_at


def main() -> None:
    """Draws every sample. No copy is as large as its original: which of equals came first, and so stands, is chance."""
    FOLDER.mkdir(exist_ok=True)
    sale = summer_sale("20%")
    sale.save(FOLDER / "summer-sale-20.jpg", quality=88)
    (FOLDER / "summer-sale-20 (copy).jpg").write_bytes((FOLDER / "summer-sale-20.jpg").read_bytes())
    sale.resize((800, 419), Image.Resampling.LANCZOS).save(FOLDER / "summer-sale-20-small.jpg", quality=80)
    sale.resize((1080, 565), Image.Resampling.LANCZOS).save(FOLDER / "summer-sale-20.webp", quality=70)
    summer_sale("50%").save(FOLDER / "summer-sale-50.jpg", quality=88)
    lease = car_lease()
    lease.save(FOLDER / "vanta-lease.jpg", quality=90)
    lease.resize((1024, 576), Image.Resampling.LANCZOS).save(FOLDER / "vanta-lease-compressed.jpg", quality=45)
    coffee().save(FOLDER / "cafe-offre.jpg", quality=86)
    skincare().save(FOLDER / "pflege-rabatt.jpg", quality=86)
    story().save(FOLDER / "story-sunshine.jpg", quality=84)
    video(FOLDER / "vanta-spot.mp4", test_drive(), seconds=6)
    (FOLDER / "broken-banner.jpg").write_bytes((FOLDER / "cafe-offre.jpg").read_bytes()[:9000])
    (FOLDER / "media-plan.txt").write_text("Media plan, week 24\nfeed 1200x628, story 1080x1920, spot 6 s\n")


if __name__ == "__main__":
    main()
