"""What is refused to whoever works a runbook: its steps, four eyes, rolling back, a newer version, an answer."""

from __future__ import annotations

from blocks.words import Words


def of_runs(say: Words) -> tuple[str, ...]:
    """All of it: `blocks.errors` says it in the reader's language."""
    return (say.say("there is no such run"), *_steps(say), *_approvals(say), *_rollbacks(say))


def _steps(say: Words) -> tuple[str, ...]:
    return (
        say.say("say why this step is skipped"),
        say.say("step {step} is already done by {name}"),
        say.say("step {step} is already skipped by {name}"),
        say.say("it is step {step}'s turn"),
        say.say("step {step} must be confirmed before it is done"),
        say.say("step {step} has no rollback"),
        say.say("step {step} is already rolled back by {name}"),
        say.say("step {step} was not carried out"),
        say.say(
            "step {step} has no value for {name}: find it out and use Problem to tell it, or skip the step with the"
            " reason"
        ),
        say.say("this run has no step {step}"),
        say.say("{name} is under way for this incident: finish it, or skip its steps"),
        say.say("{lost} can't be read: mend or delete that row first, the log of `vigie run` says more"),
        say.say("say which incident and which runbook: /runbook attach INC-… name"),
    )


def _approvals(say: Words) -> tuple[str, ...]:
    return (
        say.say("step {step} needs a second person"),
        say.say("{name} has asked for a second person for step {step} already"),
        say.say("you asked for it: somebody else has to approve"),
        say.say("only somebody whom Vigie knows can be the second person: have yourself added to the people"),
        say.say("{name} has approved this already"),
        say.say("{name} has refused this already"),
        say.say("{name} went on without a second person"),
        say.say("this request is void: the step has changed meanwhile"),
        say.say("this request has expired: ask again with the step's button"),
        say.say("there is no such request"),
        say.say("say why you refuse"),
        say.say("say why you go on without a second person"),
    )


def _rollbacks(say: Words) -> tuple[str, ...]:
    return (
        say.say("{name} has stopped this runbook"),
        say.say("no step is done: there is nothing to roll back"),
        say.say("step {step} is rolled back first"),
        say.say("step {step} is not to be rolled back"),
        say.say("step {step} stays as it is, {name} said"),
        say.say("say why this step is not rolled back"),
        say.say("this run goes on with a newer version: use the messages further down"),
        say.say("another runbook was put in the place of this one: read its steps in the thread"),
        say.say("there is no newer version to go on with"),
        say.say("version {version} is out meanwhile: look at it first"),
        say.say("nobody is asked about step {step}"),
        say.say("{name} has answered already"),
    )
