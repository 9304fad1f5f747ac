"""Why an ad could not be analysed: the closed list of reasons, each with a sentence for the person who runs the ads."""

from enum import StrEnum


class Reason(StrEnum):
    """A permanent fault. Transient ones have no reason: they are tried again."""

    # what we were asked
    MALFORMED_MESSAGE = "malformed_message"
    MALFORMED_AD = "malformed_ad"
    # fetching
    INVALID_URL = "invalid_url"
    FORBIDDEN_URL = "forbidden_url"
    HOST_NOT_FOUND = "host_not_found"
    TLS_ERROR = "tls_error"
    NOT_FOUND = "not_found"
    ACCESS_DENIED = "access_denied"
    EXPIRED_URL = "expired_url"
    HTTP_ERROR = "http_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    SITE_UNAVAILABLE = "site_unavailable"
    NOT_MEDIA_PAGE = "not_media_page"
    VIDEO_PLATFORM_PAGE = "video_platform_page"
    VIDEO_NOT_PUBLIC = "video_not_public"
    # the file
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    LOCKED_FILE = "locked_file"
    UNREADABLE_FILE = "unreadable_file"
    BROKEN_ARCHIVE = "broken_archive"
    EMPTY_ARCHIVE = "empty_archive"
    UNOPENED_ARCHIVE = "unopened_archive"
    UNSUPPORTED_TYPE = "unsupported_type"
    UNSUPPORTED_VARIANT = "unsupported_variant"
    BROKEN_IMAGE = "broken_image"
    BROKEN_VIDEO = "broken_video"
    BROKEN_BANNER = "broken_banner"
    SEVERAL_BANNERS = "several_banners"
    NO_BROWSER = "no_browser"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"
    NO_VIDEO_STREAM = "no_video_stream"
    OBJECT_GONE = "object_gone"
    # extraction
    BLOCKED_BY_MODEL = "blocked_by_model"
    RECITATION = "recitation"
    INVALID_ANSWER = "invalid_answer"
    REPLY_LOST = "reply_lost"
    REFUSED_BY_MODEL = "refused_by_model"


SENTENCES: dict[Reason, str] = {
    Reason.MALFORMED_MESSAGE: "A message could not be read. Publish it again in the documented form.",
    Reason.MALFORMED_AD: "This row lacks an ad id or a URL. Add them and publish it again.",
    Reason.INVALID_URL: "This is not a web address. Check it for typing errors.",
    Reason.FORBIDDEN_URL: "Only public web and gs:// addresses without a password are opened.",
    Reason.HOST_NOT_FOUND: (
        "No site of that name was found. Check it, or whether this machine is online (behind a proxy: FETCH_PROXY)."
    ),
    Reason.TLS_ERROR: "The site's security certificate is not valid. Ask its owner to renew it.",
    Reason.NOT_FOUND: "The site no longer has this file. Check the address or upload the file.",
    Reason.ACCESS_DENIED: "The site does not let us read this file. Make it public or upload it.",
    Reason.EXPIRED_URL: "This address has expired. Export the list again for new addresses, or upload the file.",
    Reason.HTTP_ERROR: "The site refused this request. Open the address in a browser, or upload the file.",
    Reason.TOO_MANY_REDIRECTS: "This address leads on too often, or in circles. Use the final address of the file.",
    Reason.SITE_UNAVAILABLE: "The site did not answer properly, try after try. Publish the ad again when it works.",
    Reason.NOT_MEDIA_PAGE: "This is a web page, not a picture or video. Use the file itself, or its address.",
    Reason.VIDEO_PLATFORM_PAGE: "This is a video platform's page, not a file. Download the video and upload it.",
    Reason.VIDEO_NOT_PUBLIC: "The video is private, removed or barred for the model. Make it public, or upload it.",
    Reason.EMPTY_FILE: "The file is empty. Export and upload it again.",
    Reason.TOO_LARGE: "The file is larger than the limit. Upload a smaller version.",
    Reason.LOCKED_FILE: "The file is locked with a password. Pack or save it without one and send it again.",
    Reason.UNREADABLE_FILE: "The file cannot be read here. Mend its permissions, or the link to it, and send it again.",
    Reason.BROKEN_ARCHIVE: "The archive is damaged, and this cannot be taken out of it. Pack it and send it again.",
    Reason.EMPTY_ARCHIVE: "There are no files in this archive. Pack it and send it again.",
    Reason.UNOPENED_ARCHIVE: "This is an archive that is not opened here. Unpack it and upload the files in it.",
    Reason.UNSUPPORTED_TYPE: "We cannot read this kind of file. "
    "Upload a picture (JPEG), a video (MP4) or a banner (.zip with index.html).",
    Reason.UNSUPPORTED_VARIANT: "We cannot read this variant of the format. Save it as JPEG, PNG or MP4 instead.",
    Reason.BROKEN_IMAGE: "The picture is damaged and cannot be opened. Export and upload it again.",
    Reason.BROKEN_VIDEO: "The video is damaged and cannot be opened. Export and upload it again.",
    Reason.BROKEN_BANNER: "The HTML5 banner cannot be shown. Check that its zip opens and its page says its size.",
    Reason.SEVERAL_BANNERS: "The zip holds several HTML5 banners. Upload each as a zip of its own.",
    Reason.NO_BROWSER: "HTML5 banners need a browser, and there is none. Install Chromium, then replay the failure.",
    Reason.TOO_MANY_PIXELS: "The picture has more pixels than the limit. Upload a smaller version.",
    Reason.TOO_LONG: "The video is longer than the limit. Upload a shorter version.",
    Reason.TOO_COMPLEX: "Opening this file takes more time or memory than the limit. Export a simpler one.",
    Reason.NO_VIDEO_STREAM: "The file has sound but no picture. Upload the version with the video.",
    Reason.OBJECT_GONE: "The file was deleted before it could be analysed. Upload it again.",
    Reason.BLOCKED_BY_MODEL: "The model will not describe this creative, for safety. Try another model.",
    Reason.RECITATION: "The model stopped, twice, because its answer quoted a published text. Have it tried again.",
    Reason.INVALID_ANSWER: "The model's answer did not fit the feature list, twice. Try another model.",
    Reason.REPLY_LOST: "The model's answer was lost on its way, and may have been paid for. Have it tried again.",
    Reason.REFUSED_BY_MODEL: "The model cannot read this file. Try another format or a shorter version.",
}


GAVE_UP = "gave_up"
"""No verdict on an ad, and so no `Reason`: its message was tried to the last attempt in vain (view `given_up`)."""


def sentence(reason: str) -> str:
    """What a reason of the views, `gave_up` among them, means to the person who runs the ads."""
    if reason == GAVE_UP:
        return "Every attempt failed, though nothing may be wrong with it. Have it replayed (`creatives replay`)."
    return SENTENCES[Reason(reason)]


class Rejected(Exception):  # noqa: N818 - it names an outcome
    """A permanent fault: becomes a row in `failures`, and the message is acknowledged.

    Anything else that a step raises is transient: the message is delivered again.
    """

    def __init__(self, reason: Reason, detail: str, *, answer_uri: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.answer_uri = answer_uri
