"""Pages of video platforms: known by their address, so that nobody waits for a download that only yields a page.

Only the hosts that show pages are listed. The platforms' own file servers (ytimg.com, fbcdn.net, cdninstagram.com, …)
and the few paths of page hosts that do answer with a file are downloaded like anything else.
"""

import re

from shared.urls import WebUrl

_PAGES: dict[str, tuple[str, ...]] = {
    "YouTube": ("youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "youtube-nocookie.com"),
    "Vimeo": ("vimeo.com", "player.vimeo.com"),
    "TikTok": ("tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com", "ads.tiktok.com"),
    "Facebook": ("facebook.com", "m.facebook.com", "web.facebook.com", "business.facebook.com", "fb.watch", "fb.com"),
    "Instagram": ("instagram.com",),
    "X": ("twitter.com", "mobile.twitter.com", "x.com"),
    "LinkedIn": ("linkedin.com",),
    "Dailymotion": ("dailymotion.com", "geo.dailymotion.com", "dai.ly"),
    "Twitch": ("twitch.tv", "m.twitch.tv", "clips.twitch.tv"),
    "Snapchat": ("snapchat.com",),
    "Pinterest": ("pinterest.com", "pin.it"),
}
_PLATFORM_BY_HOST = {host: platform for platform, hosts in _PAGES.items() for host in hosts}

_FILES = {
    "facebook.com": re.compile(r"/(?:ads/image|safe_image\.php)\b"),
    "player.vimeo.com": re.compile(r"/(?:external|progressive_redirect)/"),
}


def platform_of(url: WebUrl) -> str | None:
    """The platform whose page `url` is; None where it may be a file."""
    host = url.host.removeprefix("www.")
    platform = _PLATFORM_BY_HOST.get(host)
    is_file = host in _FILES and _FILES[host].match(url.target)
    return None if is_file else platform
