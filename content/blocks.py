"""The few blocks that pages are made of. Each one has a single job, so that no page can be taken apart by accident."""

from __future__ import annotations

from typing import Any, ClassVar

from wagtail import blocks
from wagtail.images.blocks import ImageBlock

PARAGRAPH_FEATURES = ["h3", "bold", "italic", "link", "ul", "ol", "superscript"]
ICONS = [
    (name, label)
    for name, label in (
        ("shield-check", "Shield"),
        ("user-check", "Person"),
        ("clock", "Clock"),
        ("heart", "Heart"),
        ("leaf", "Leaf"),
        ("file-text", "Page"),
        ("calendar", "Calendar"),
        ("map-pin", "Place"),
        ("message-square", "Talk"),
    )
]


class SourceBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=400, help_text="Authors, title, journal, year: as the source gives them.")
    url = blocks.URLBlock(required=False)

    class Meta:
        icon = "doc-full"


class ClaimBlock(blocks.StructBlock):
    claim = blocks.CharBlock(max_length=400)
    source = blocks.CharBlock(max_length=200, help_text="Who found it, and when: every claim needs its source.")
    url = blocks.URLBlock(required=False)


class EvidenceBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=80, default="What the evidence says")
    claims = blocks.ListBlock(ClaimBlock(), min_num=1, max_num=8)
    limits = blocks.CharBlock(max_length=400, required=False, help_text="What it does not show.")

    class Meta:
        icon = "glasses"
        template = "content/blocks/evidence.html"


class FigureBlock(blocks.StructBlock):
    image = ImageBlock()
    caption = blocks.CharBlock(max_length=240, required=False)
    credit = blocks.CharBlock(max_length=120, required=False)

    class Meta:
        icon = "image"
        label = "image"
        template = "content/blocks/image.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    who = blocks.CharBlock(max_length=120, required=False)

    class Meta:
        icon = "openquote"
        template = "content/blocks/quote.html"


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=100, required=False)
    text = blocks.RichTextBlock(features=["bold", "italic", "link", "ul"])
    kind = blocks.ChoiceBlock(choices=[("", "Plain"), ("pine", "Reassurance"), ("warn", "Warning")], required=False)

    class Meta:
        icon = "warning"
        template = "content/blocks/callout.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=160)
    answer = blocks.RichTextBlock(features=["bold", "italic", "link", "ul"])

    class Meta:
        icon = "help"


class FaqBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=100, default="Questions people ask")
    questions = blocks.ListBlock(QuestionBlock(), min_num=1, max_num=12)

    class Meta:
        icon = "help"
        template = "content/blocks/faq.html"


class ConsultationBlock(blocks.StructBlock):
    """A call to action. The button's words are fixed: it offers a conversation and nothing else."""

    title = blocks.CharBlock(max_length=100, default="Talk it through with a nurse")
    text = blocks.CharBlock(max_length=300)

    class Meta:
        icon = "calendar"
        template = "content/blocks/consultation.html"


class TakeawaysBlock(blocks.ListBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(blocks.CharBlock(max_length=200, label="point"), **{"min_num": 2, "max_num": 6, **kwargs})

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "content.blocks.TakeawaysBlock", [], {}

    class Meta:
        icon = "list-ul"
        label = "key takeaways"
        template = "content/blocks/key_takeaways.html"


class StandardBody(blocks.StreamBlock):
    heading = blocks.CharBlock(max_length=120, icon="h2")
    paragraph = blocks.RichTextBlock(features=PARAGRAPH_FEATURES, template="content/blocks/paragraph.html")
    callout = CalloutBlock()
    faq = FaqBlock()
    back_to_top = blocks.StaticBlock(
        icon="arrow-up", template="content/blocks/back_to_top.html", admin_text="A link to the top of the page."
    )


class ArticleBody(StandardBody):
    key_takeaways = TakeawaysBlock()
    image = FigureBlock()
    evidence = EvidenceBlock()
    quote = QuoteBlock()
    consultation = ConsultationBlock()

    class Meta:
        block_counts: ClassVar = {"key_takeaways": {"max_num": 1}, "consultation": {"max_num": 2}}


class TrustPointBlock(blocks.StructBlock):
    icon = blocks.ChoiceBlock(choices=ICONS)
    title = blocks.CharBlock(max_length=60)
    text = blocks.CharBlock(max_length=160)

    class Meta:
        icon = "tick"


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=60)
    text = blocks.CharBlock(max_length=240)

    class Meta:
        icon = "list-ol"


def texts_of(value: Any) -> list[str]:
    """Every text that an editor wrote into a stream, with addresses and rich text as they are stored."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return [text for key, part in value.items() if key not in ("id", "type") for text in texts_of(part)]
    if isinstance(value, (list, tuple)):
        return [text for part in value for text in texts_of(part)]
    return []
