"""Sends one message of each kind. `make demo` runs it against a local Cloud API."""

from wacloud import Media, WhatsAppClient

TO = "+1 (212) 555-0101"

wa = WhatsAppClient.from_env()


def tracker(kind: str) -> str:
    """What the Cloud API keeps beside the message: here language and kind, for the table."""
    return f"python/{kind}"


wa.send_text(TO, "Zoë, your parcel is here 📦", tracker=tracker("text"))
wa.send_reaction(TO, "wamid.received", "👍", tracker=tracker("reaction"))
wa.send_image(TO, "https://example.com/parcel.jpg", caption="At the door", tracker=tracker("image"))
wa.send_document(
    TO,
    Media.link("https://example.com/1042.pdf"),
    filename="invoice-1042.pdf",
    tracker=tracker("document"),
)
wa.send_location(
    TO, 48.2082, 16.3738, name="Our shop", address="Stephansplatz 1", tracker=tracker("location")
)
wa.send_buttons(
    TO,
    "Shall we come on Friday?",
    [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}],
    footer="Answer by 6 pm",
    tracker=tracker("buttons"),
)
wa.send_list(
    TO,
    "When may we come?",
    "Choose a time",
    [
        {
            "title": "Friday",
            "rows": [{"id": "f9", "title": "9:00", "description": "one hour"}],
        },
        {
            "title": "Monday",
            "rows": [{"id": "m9", "title": "9:00"}, {"id": "m4", "title": "16:00"}],
        },
    ],
    tracker=tracker("list"),
)
wa.send_template(
    TO, "order_update", "en_US", body=["Zoë", "#1042"], tracker=tracker("template, positional")
)
wa.send_template(
    TO,
    "order_update_named",
    "en_US",
    body={"name": "Zoë", "order": "#1042"},
    tracker=tracker("template, named"),
)
wa.send_template(
    TO,
    "appointment",
    "en_US",
    header="Stephansplatz 1",
    body=["Zoë", "Friday, 4 pm"],
    tracker=tracker("template, header"),
)
wa.send_template(
    TO,
    "promo",
    "en_US",
    header={"image": "https://example.com/promo.jpg"},
    body=["Zoë"],
    buttons=[{"index": 0, "url": "zoe-42"}, {"index": 1, "copy_code": "SAVE10"}],
    tracker=tracker("template, buttons"),
)
wa.mark_read("wamid.received/python")
