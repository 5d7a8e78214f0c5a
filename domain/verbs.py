"""Whether a title says what to do, in French or English. A judgement of taste: in doubt, it does."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBERED = re.compile(r"^\s*(?:(?:step|étape)\s*)?\d+\s*[.:)\-–]\s*", re.IGNORECASE)
_ENGLISH = frozenset(
    """abort acknowledge activate add adjust alert allow analyse analyze announce apply approve archive ask assess
    attach back backup block boot bring bump call cancel capture change check choose clean clear close collect compare
    complete configure confirm connect contact copy cordon create cut decide declare decrease delete demote deploy
    describe detach detect determine diagnose disable disconnect divert do document double downgrade drain drop dump
    edit eject email enable ensure escalate establish evaluate evict examine execute expand export fail fetch fill
    find finish fix flush follow force free freeze gather get give go grant grow halt hand have hold identify import
    increase inform inspect install invalidate investigate isolate join keep kill launch let limit link list load
    locate lock log login look lower make mark measure merge migrate mitigate modify monitor mount move note notify
    observe open order page patch pause perform pick pin ping post prepare press prevent probe promote prune pull
    purge push put query quit raise read reboot rebuild recheck reclaim reconfigure reconnect record recover
    recreate redeploy redirect reduce reenable refresh reindex reinstall reissue release reload remove rename renew
    reopen repair replace replay report reproduce request requeue reroute rerun reschedule reset resize resolve
    restart restore resume resync retrieve retry return revert review revoke roll rollback rotate route run save say
    scale schedule search see select send set share shift shorten show shrink shut sign silence skip snapshot
    spin split stabilise stabilize start stop store submit summarise summarize suspend swap switch sync
    synchronise synchronize tag tail take tell terminate test throttle toggle trace track transfer trigger triage
    try tune turn unblock uncordon undo uninstall unlock unmount update upgrade upload use validate verify view
    wait wake warm warn watch wipe withdraw write""".split()  # noqa: SIM905
)
_FRENCH_IMPERATIVES = frozenset(
    """ajoute appelle arrête attends bascule bloque change cherche coupe demande désactive démarre envoie identifie
    informe isole lance note préviens purge redémarre regarde relance restaure résous surveille teste trouve vérifie
    vide""".split()  # noqa: SIM905
)
_NOT_VERBS = frozenset(
    """after another balancer broker buffer cluster composer container controller counter customer danger dernier
    developer docker dossier driver error escalier fichier filter header helper however jenkins layer ledger loader
    manager marker master member mer meter metier métier newsletter number outer order over panier papier partner
    password per pointer power premier prometheus proper provider quartier receiver reader registrer router
    scheduler server service serveur signer super switcher tier timer transfer trigger under upper user usher
    varnish worker writer
    air avenir clair désir espoir pouvoir soir tir loisir
    arbitre autre centre chiffre cidre compte-rendre entre fenêtre filtre heure lettre libre lire-only mesure mètre
    nombre notre ordre paramètre registre rupture score semestre structure titre votre infrastructure architecture
    procédure température faire-part signature clôture ouverture fermeture lecture écriture panne future culture
    store core before there where here more secure square software hardware firmware middleware failure closure
    measure procedure temperature exposure pressure""".split()  # noqa: SIM905
)


def begins_with_a_verb(title: str) -> bool:
    """Whether the first word is something to do: an infinitive or an imperative."""
    words = _WORD.findall(_NUMBERED.sub("", title).casefold().replace("’", "'"))
    if not words:
        return True
    first, rest = words[0], words[1:]
    if first in ("se", "ne", "re", "don't", "do", "please", "immediately", "then", "if", "si", "puis", "optional"):
        return True
    return is_verb(first.removeprefix("s'")) or (first.endswith("ly") and bool(rest) and is_verb(rest[0]))


def is_verb(word: str) -> bool:
    """Whether `word` (in lower case) reads as a verb of one of the two languages."""
    stem = word.removeprefix("re-").partition("-")[0]
    if word.startswith(("l'", "d'")):
        return False
    if stem in _ENGLISH or word in _FRENCH_IMPERATIVES:
        return True
    if stem in _NOT_VERBS or len(stem) < 4:
        return False
    return stem.endswith(("er", "ir", "re", "ez"))


_SEQUENCE = re.compile(r"(?:\bthen\b|\bpuis\b|\bensuite\b|;|\s\+\s|\s&\s)", re.IGNORECASE)
_JOINED = re.compile(r"(?:\band\b|\bet\b|,)\s+([^\W\d_]+(?:['’-][^\W\d_]+)*)", re.IGNORECASE)


def several_actions(title: str) -> bool:
    """Whether a title asks for more than one thing: "drain the node and restart it"."""
    if _SEQUENCE.search(title.strip(" ;")):
        return True
    follow = (found[1].casefold() for found in _JOINED.finditer(title))
    return begins_with_a_verb(title) and any(is_verb(word) and word not in _OFTEN_NOUNS for word in follow)


_OFTEN_NOUNS = frozenset(
    """access alert back backup block boot change check clean close cut delete drop dump email export fail fill fix
    hold import lead limit link list load lock log login look mark measure monitor mount move note notify order page
    patch pause ping post probe pull push query read record release report request reset restart restore return
    review rollback route run schedule search share shift snapshot split start stop store switch sync tag tail test
    trace track transfer trigger update upgrade upload use view wait watch write""".split()  # noqa: SIM905
) - {"notify", "delete", "restart", "restore", "close", "stop", "start"}
