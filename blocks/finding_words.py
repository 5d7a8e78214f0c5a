"""The sentences of good practice, as the catalogs know them."""

from __future__ import annotations

from blocks.words import Phrasebook, Words, words


def field_name(field: str, say: Words) -> str:
    """A field of a step as an editor calls it."""
    return {
        "title": say.say("title"),
        "description": say.say("description"),
        "command": say.say("command"),
        "duration": say.say("duration"),
        "rollback": say.say("rollback"),
        "delay": say.say("delay"),
        "type": say.say("type"),
        "target": say.say("target"),
        "message": say.say("policy message"),
    }.get(field, "")


def _of_runbooks(say: Words) -> tuple[str, ...]:
    return (
        say.say("the runbook has no step"),
        say.say("write at least one step"),
        say.say("no step at the end verifies that the service is back"),
        say.say("end with a step that verifies: graphs, logs, a request like a customer's"),
        say.say("no step tells anybody how it ended"),
        say.say("add a step that tells who was affected, and the team"),
        say.say('"{title}" does not begin with a verb'),
        say.say("say what to do: Restart the node, Vérifier le cluster"),
        say.say('"{title}" is more than one action'),
        say.say("the command changes {n} things"),
        say.say("make a step of each action, so that each can be done, skipped or rolled back alone"),
        say.say("a critical step has no rollback"),
        say.say("{command} changes something and has no rollback"),
        say.say("write how to undo it, or whom to call when it can't be undone"),
        say.say("{tool} does not say in which namespace"),
        say.say("add -n and the namespace"),
        say.say("{tool} does not say on which host"),
        say.say("add ssh and the host, or name it in the description"),
        say.say("add {flag} and the host"),
        say.say("the step does not say how long it takes"),
        say.say("set duration in minutes; a step past twice that asks whether it is stuck"),
        say.say("{n} min is short for a failover"),
        say.say("{n} min is long for a failover"),
        say.say("{n} min is short for a restart"),
        say.say("{n} min is long for a restart"),
        say.say("{n} min is long for a diagnosis"),
        say.say("{n} min is long for a verification"),
        say.say("{n} min is long for one step"),
        say.say("{placeholder} stays as written in a title"),
        say.say("write it in the description or the command"),
        say.say("use {example} for a label of the alert, or one of {known}"),
        say.say("{placeholder} stands inside quotes: a value with spaces or signs can't be filled in there"),
        say.say("take the quotes around it away: Vigie quotes the value"),
        say.say("such a step usually takes {least} to {most} min: correct the duration, or split the step"),
        say.say("declared {declared} min, took {measured} min in the middle of {times} times"),
        say.say("set the duration to {measured} min, or split the step"),
    )


def _of_policies(say: Words) -> tuple[str, ...]:
    return (
        say.say("the policy has no active step"),
        say.say("add a step at 0 minutes"),
        say.say("the policy has {n} of at least 3 steps"),
        say.say("add a step that reaches somebody else: the lead, the manager"),
        say.say("the policy has {n} steps"),
        say.say("keep 3 to 5 steps: whoever is paged too often stops looking"),
        say.say("nothing says what is expected of whom"),
        say.say("describe what is expected at each step: who acknowledges, who takes over, by when"),
        say.say("no incident ever gets this policy"),
        say.say("make it a default, or give it a team and a severity"),
        say.say("the first step waits {n} min"),
        say.say("set the delay of the first step to 0 minutes"),
        say.say("step {step} fires before step {other}"),
        say.say("make each delay longer than the one before: delays count from the incident's creation"),
        say.say("step {step} comes {n} min after step {other}"),
        say.say("leave at least 4 minutes to acknowledge, or make one step of the two"),
        say.say("neither of the first two steps sends an SMS or calls"),
        say.say("add SMS to the second step: at night a Slack message wakes nobody"),
        say.say("no step sends an SMS or calls"),
        say.say("add SMS to the step after the first"),
        say.say("step {step} wakes somebody for a SEV4"),
        say.say("leave it to Slack, and e-mail if need be"),
        say.say("the last step reaches a channel and no person"),
        say.say("the last step rings nobody's telephone"),
        say.say("end with somebody who can decide, by SMS or a call"),
        say.say("{placeholder} stays as written: nothing fills it"),
        say.say("use one of {known}"),
        say.say("a channel is reached by SLACK alone"),
        say.say("set the type to SLACK, or the target to a person"),
    )


def _of_targets(say: Words) -> tuple[str, ...]:
    return (
        say.say("Slack is not set up"),
        say.say("SMS is not set up"),
        say.say("e-mail is not set up"),
        say.say("telephone calls are not set up"),
        say.say("set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or take SLACK out of the step"),
        say.say("set OVH_APPLICATION_KEY and its neighbours, or take SMS out of the step"),
        say.say("set SMTP_URL, or take EMAIL out of the step"),
        say.say("set PHONE_PROVIDER and its neighbours, or take PHONE out of the step; SMS rings too"),
        say.say("the address is no webhook of Discord's: nothing is sent there"),
        say.say("copy it from the channel's settings in Discord: Integrations, Webhooks"),
        say.say("Slack has no channel {channel} that Vigie has seen"),
        say.say("correct the name, or invite Vigie to the channel when it is private"),
        say.say("Slack refused the last message to {channel}"),
        say.say("unarchive it, invite Vigie there, or give the step another target"),
        say.say("Discord refused the last message to {channel}"),
        say.say("make a new webhook in Discord, or give the step another target"),
        say.say("{name} has no working Slack account"),
        say.say("take {name} out of the rotations, or mend their Slack id"),
        say.say("nobody is ever on call in {team}"),
        say.say("give {team} a rotation, or the step another target"),
        say.say("{team} has no members"),
        say.say("add members to {team}, or give the step another target"),
        say.say("{team} has no lead"),
        say.say("name the lead of {team}, or give the step another target"),
        say.say("{name} is not active"),
        say.say("nobody is called {name}"),
        say.say("name somebody who is there"),
        say.say("nobody here has the address {email}, which {channel} needs"),
        say.say("declare somebody with this address under people, or take {channel} out of the step"),
        say.say("the phone number of {name} is not verified"),
        say.say("the e-mail address of {name} is not verified"),
        say.say("let {name} verify it from the Home tab of Vigie in Slack: a code is sent to it"),
        say.say("{name} has no Slack account"),
        say.say("{name} has no phone number"),
        say.say("{name} has no e-mail address"),
        say.say("give {name} a Slack id or an e-mail address, or take {channel} out of the step"),
        say.say("give {name} a phone number, or take {channel} out of the step"),
        say.say("give {name} an e-mail address, or take {channel} out of the step"),
    )


def _of_organisation(say: Words) -> tuple[str, ...]:
    return (
        say.say("{name} has no phone number, no e-mail address and no Slack account"),
        say.say("add at least one, better two of them"),
        say.say("{name} is in a team and has no phone number: at night nothing rings"),
        say.say("the stakeholders of {name} hear of nothing: e-mail is not set up"),
        say.say("set SMTP_URL, or take the stakeholders away"),
        say.say("add a phone number"),
        say.say("{team} has no channel: nobody sees the cards of its incidents"),
        say.say("name a Slack channel that Vigie is in"),
        say.say("{team} has nobody"),
        say.say("add its members"),
        say.say("name who decides when nobody answers"),
        say.say("{name} is in a rotation and is not active: nobody has these turns"),
        say.say("take them out of the rotation"),
        say.say("give the team a rotation"),
        say.say("nobody is on call in {team} from {start} to {end}: in two weeks, {n} such holes"),
        say.say("add a rotation for these hours, or somebody who stands in"),
        say.say("{service} has no team"),
        say.say("say whose it is"),
        say.say("no policy pages anybody for {name} at {severities}"),
        say.say("write a policy for it, or a default for all the rest"),
    )


def _of_differences(say: Words) -> tuple[str, ...]:
    return (
        say.say("{severity} pages nobody any more"),
        say.say("give the policy a step that reaches somebody"),
        say.say("{severity} rings nobody's telephone any more"),
        say.say("keep a step with SMS or a call to a person"),
        say.say("{name} by {channel}: at {now} min instead of {was}"),
        say.say("{name} by {channel}: no longer at {was} min"),
        say.say("{name} by {channel}: new at {now} min"),
        say.say("nothing to do when that is meant"),
    )


def _all(say: Words) -> tuple[str, ...]:
    return (*_of_runbooks(say), *_of_policies(say), *_of_targets(say), *_of_organisation(say), *_of_differences(say))


SENTENCES = Phrasebook.of(_all(words("en")))
