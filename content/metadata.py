"""Pictures without what a camera or a program wrote into them: where, when, with what and by whom (EXIF, XMP, IPTC).

Only what is needed to show a picture stays: its pixels, turned the way it was held, and its colour profile.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow
from PIL import ImageOps, ImageSequence, UnidentifiedImageError

SAVED_AS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 95, "method": 4},
    "AVIF": {"quality": 90},
}
LARGE = 16_000_000
QUICKLY: dict[str, dict[str, Any]] = {  # what is large is larger on the disk, not half a minute late
    "PNG": {"optimize": False, "compress_level": 3},
    "WEBP": {"method": 2},
    "AVIF": {"speed": 10},
}
MOST_PIXELS = 50_000_000  # of all frames; the cameras of telephones make up to 50 megapixels
UNREADABLE = "This picture cannot be read: part of it may be missing. Please save it anew and upload it again."
SAME_AS = {"MPO": "JPEG"}  # what many telephones write: a JPEG with further ones behind it
# What Pillow tells of a file that is no metadata, or is needed to show it.
PLAIN = {
    "adobe", "adobe_transform", "aspect", "background", "chromaticity", "default_image", "dpi", "duration", "gamma",
    "icc_profile", "interlace", "jfif", "jfif_density", "jfif_unit", "jfif_version", "loop", "progression",
    "progressive", "srgb", "timestamp", "transparency", "blend", "disposal", "bbox",
}  # fmt: skip


class NotShown(ValueError):
    """A picture that no page will show; the text is fit to show."""


def written_anew(file: IO[bytes]) -> bytes:
    """The same picture, decoded and encoded: nothing but pixels and colours is left of the file.

    Raises:
        NotShown: too large, or of another kind. OSError, ValueError, SyntaxError: the file is broken.
    """
    Pillow.MAX_IMAGE_PIXELS = None  # ours is smaller, and judged before anything is decoded
    Pillow.init()  # else it knows some of these kinds by name alone; what telephones write (MPO) begins as a JPEG
    try:
        picture = Pillow.open(file, formats=[*SAVED_AS])
    except UnidentifiedImageError as error:
        raise NotShown(UNREADABLE) from error
    with picture:
        frames = getattr(picture, "n_frames", 1) if _moves(picture) else 1
        if (pixels := picture.width * picture.height * frames) > MOST_PIXELS:
            raise NotShown(
                f"This picture has {pixels // 1_000_000} megapixels. Please save it with "
                f"{MOST_PIXELS // 1_000_000} at most, and upload it again."
            )
        picture.load()
        return _encoded(picture)


def clean(file: IO[bytes]) -> bytes | None:
    """The same picture without metadata; None if it has none, or is not one that Pillow can write.

    Raises:
        OSError, ValueError: the file is broken.
    """
    file.seek(0)
    with Pillow.open(file) as picture:
        kind = SAME_AS.get(picture.format or "", picture.format or "")
        if kind not in SAVED_AS or not _says_more(picture):
            return None
        return _encoded(picture)


def _encoded(picture: Pillow.Image) -> bytes:
    kind = SAME_AS.get(picture.format or "", picture.format or "")
    profile = picture.info.get("icc_profile")
    frames = [_bare(frame) for frame in ImageSequence.Iterator(picture)] if _moves(picture) else [_bare(picture)]
    duration, loop = picture.info.get("duration", 0), picture.info.get("loop", 0)
    out, (first, *others) = BytesIO(), frames
    moves = {"save_all": True, "append_images": others, "duration": duration, "loop": loop} if others else {}
    quickly = QUICKLY.get(kind, {}) if picture.width * picture.height > LARGE else {}
    first.save(out, kind, icc_profile=profile, **SAVED_AS[kind] | quickly, **moves)
    return out.getvalue()


class Rewritten(SimpleUploadedFile):
    """A file that was written anew by us, so that nobody need look at it again."""


def clean_upload(instance: Any, **_kwargs: Any) -> None:
    """Before a picture is first written: what goes to the disk is clean already, by whatever door it comes."""
    file = instance.file
    if not file or file._committed or isinstance(file.file, Rewritten):  # noqa: SLF001 -- Django's, without a public name
        return
    try:
        cleaned = clean(file)
    except (OSError, ValueError):
        return  # the form has refused it, or a size of it cannot be drawn: `pictures.draw_sizes` says so
    finally:
        file.seek(0)
    if cleaned is not None:
        _put(instance, cleaned, file.name)


def clean_stored(image: Any) -> bool:
    """Clean a picture that was stored before pictures were cleaned; True if there was something to take out."""
    storage, old = image.file.storage, image.file.name
    with image.file.open("rb") as stored:
        cleaned = clean(stored)
    if cleaned is None:
        return False
    _put(image, cleaned, old.rpartition("/")[2])
    image.renditions.all().delete()
    image.save()
    storage.delete(old)
    return True


def _put(image: Any, data: bytes, name: str) -> None:
    """Give it this file, with its width, height, length and hash; written when the picture is saved."""
    image.file = ContentFile(data, name)
    image._set_image_file_metadata()  # noqa: SLF001 -- as Wagtail's own form does


def _says_more(picture: Pillow.Image) -> bool:
    picture.load()  # PNG keeps texts behind its pixels
    has_more_behind = picture.format in SAME_AS
    return has_more_behind or bool(set(picture.info) - PLAIN or picture.getexif())


def _moves(picture: Pillow.Image) -> bool:
    return bool(getattr(picture, "is_animated", False)) and picture.format not in SAME_AS


def _bare(picture: Pillow.Image) -> Pillow.Image:
    """Turned as it was held; with nothing beside the pixels but which colour is see-through."""
    turned = ImageOps.exif_transpose(picture)
    turned.info = {name: value for name, value in turned.info.items() if name == "transparency"}
    return turned
