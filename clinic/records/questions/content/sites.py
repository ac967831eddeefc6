"""The places of face and body that an answer may name, by group; their keys stay for ever."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Upper face": {
        "forehead": "Forehead",
        "frown": "Between the eyebrows",
        "brow": "Eyebrows",
        "temple": "Temples",
        "eye_corner": "Corners of the eyes",
        "under_eye": "Under the eyes",
    },
    "Middle of the face": {
        "nose": "Nose",
        "cheek": "Cheeks",
        "nose_to_mouth": "Lines from nose to mouth",
        "ear": "Ears and earlobes",
    },
    "Lower face": {
        "upper_lip": "Upper lip",
        "lower_lip": "Lower lip",
        "mouth_corner": "Corners of the mouth",
        "chin": "Chin",
        "jaw": "Jaw",
        "under_chin": "Under the chin",
    },
    "Neck and body": {
        "neck": "Neck",
        "chest": "Chest",
        "underarm": "Underarms",
        "hand": "Hands",
        "scalp": "Scalp",
        "elsewhere": "Somewhere else",
    },
}
SITES: Mapping[str, str] = {key: label for group in GROUPS.values() for key, label in group.items()}
