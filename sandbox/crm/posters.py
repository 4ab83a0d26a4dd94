"""Posters for the demo data: soft gradients with a shape and a word."""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 960, 600
Colour = tuple[int, int, int]
PALETTES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((22, 78, 99), (103, 232, 249), (255, 255, 255)),
    ((88, 28, 135), (244, 114, 182), (254, 243, 199)),
    ((20, 83, 45), (190, 242, 100), (255, 255, 255)),
    ((124, 45, 18), (253, 186, 116), (255, 247, 237)),
    ((30, 58, 138), (165, 180, 252), (254, 249, 195)),
    ((131, 24, 67), (253, 164, 175), (255, 241, 242)),
    ((19, 78, 74), (94, 234, 212), (254, 252, 232)),
    ((55, 48, 163), (125, 211, 252), (255, 255, 255)),
    ((113, 63, 18), (253, 224, 71), (255, 251, 235)),
    ((15, 23, 42), (148, 163, 184), (186, 230, 253)),
)


def draw_poster(number: int, label: str) -> Image.Image:
    """A 960x600 picture; `number` chooses colours and shape, `label` is short and Latin."""
    dark, light, accent = PALETTES[number % len(PALETTES)]
    diagonal = Image.linear_gradient("L").rotate(90 * (number % 4)).resize((WIDTH, HEIGHT))
    picture = Image.composite(
        Image.new("RGB", (WIDTH, HEIGHT), light), Image.new("RGB", (WIDTH, HEIGHT), dark), diagonal
    )
    shapes = Image.new("L", (WIDTH // 2, HEIGHT // 2), 0)
    pen = ImageDraw.Draw(shapes)
    if number % 3 == 0:
        pen.ellipse((270, -60, 540, 210), fill=110)
        pen.ellipse((330, 0, 480, 150), fill=190)
    elif number % 3 == 1:
        pen.polygon([(260, 300), (380, 60), (500, 300)], fill=120)
        pen.polygon([(150, 300), (240, 130), (330, 300)], fill=80)
    else:
        for step in range(5):
            pen.rounded_rectangle(
                (250 + step * 44, 40 + step * 34, 282 + step * 44, 330), 14, fill=90 + step * 25
            )
    soft = shapes.filter(ImageFilter.GaussianBlur(0.8)).resize((WIDTH, HEIGHT))
    picture.paste(Image.new("RGB", (WIDTH, HEIGHT), accent), mask=soft.point(lambda level: level * 6 // 10))
    pen = ImageDraw.Draw(picture)
    pen.text((64, HEIGHT - 190), label, font=ImageFont.load_default(112), fill=accent)
    pen.rounded_rectangle((68, HEIGHT - 56, 228, HEIGHT - 46), 5, fill=accent)
    return picture


def save_poster(path: Path, number: int, label: str) -> None:
    """Writes a PNG or a JPEG, as the name says."""
    path.write_bytes(_encoded(number, label, "PNG" if path.suffix == ".png" else "JPEG"))


# Drawing takes longer than all the rest of the demo data; many rooms of a process share the pictures.
@cache
def _encoded(number: int, label: str, form: str) -> bytes:
    content = io.BytesIO()
    draw_poster(number, label).save(content, form, quality=84)
    return content.getvalue()
