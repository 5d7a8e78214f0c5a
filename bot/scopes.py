"""What Vigie asks of a Slack workspace: every scope of its bot token, and what does not work without it."""

from __future__ import annotations

SCOPES = {
    "commands": "no slash command and no shortcut can be used",
    "chat:write": "no card, no thread and no direct message can be posted",
    "im:write": "no direct message can be opened with whoever is on call",
    "channels:read": 'a name such as "#sre-incidents" does not lead to its channel',
    "groups:read": "the name of a private channel does not lead to it",
    "channels:join": "a public channel that nobody invited Vigie to can't be posted in",
    "channels:history": "a message whose answer was lost is posted twice in a public channel",
    "groups:history": "a message whose answer was lost is posted twice in a private channel",
    "im:history": "a direct message whose answer was lost is sent twice",
    "users:read": "people can't be looked up",
    "users:read.email": "people whom the catalog knows by e-mail address alone are not found in Slack",
    "reactions:read": "a 📌 under a message does not put it in the timeline",
    "files:read": "a file of runbooks can't be imported; pasting its text works",
    "channels:manage": "no war room can be made, filled with people or archived",
    "pins:write": "the card in a war room is not pinned",
    "bookmarks:read": "a war room has no bookmark to the runbook",
    "bookmarks:write": "a war room has no bookmark to the runbook",
    "usergroups:read": "the handle of a user group does not lead to it",
    "usergroups:write": "a user group does not follow who is on call",
    "files:write": "charts don't come, nor runbooks, timelines and post-mortems as files",
}
"""The scopes of the manifest in docs/slack.md, for those who installed the app before one was added."""
REASONS = {
    "commands": "slash commands and shortcuts",
    "chat:write": "cards, threads, direct messages",
    "im:write": "open a direct message",
    "channels:read": '"#sre-incidents" to its id',
    "groups:read": "the same for private channels",
    "channels:join": "post in a public channel that nobody invited it to",
    "channels:history": "find a message whose answer was lost, instead of posting it twice",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
    "users:read": "people by the address in the catalog",
    "users:read.email": "the same: Slack tells addresses by a scope of their own",
    "reactions:read": "📌 puts a message in an incident's timeline",
    "files:read": "import a file of runbooks",
    "channels:manage": "war rooms: make, invite, set the topic, archive",
    "pins:write": "pin the card in a war room",
    "bookmarks:read": "see whether a war room has its bookmark",
    "bookmarks:write": "a war room's bookmark to the runbook",
    "usergroups:read": '"@sre-oncall" to its id',
    "usergroups:write": "keep a team's user group in step with who is on call",
    "files:write": "runbooks, timelines and post-mortems as files, and charts",
}
"""The same scopes, each with the reason that it is needed: the manifest says it beside them."""
