// The page's own words, in English and in French.

const WORDS = {
  en: {
    acting_as: "You are", another_tab: "Open in another tab", apps: "Apps", channels: "Channels", workspace: "A Slack to try Vigie in",
    app_tag: "APP", only_you: "Only visible to you", edited: "(edited)", pinned: "Pinned", reply: "Reply in thread",
    more: "More actions", replies_one: "{n} reply", replies_many: "{n} replies", last_reply: "last {ago}", thread: "Thread",
    close: "Close", also_channel: "replied to a thread", new_messages: "New", empty_channel: "Nothing yet. Fire a scenario above: its card comes here.",
    empty_direct: "Vigie has not written to {name} yet.", messages: "Messages", home: "Home", empty_home: "Vigie has not shown anything here.",
    message_to: "Message {where}", reply_to: "Reply…", send: "Send", commands: "Commands", no_thread_commands: "Slack takes no commands in threads: write it in the channel.",
    unknown_command: "{name} is not a command of an app here.", archived: "This channel is archived.",
    yesterday: "yesterday", today: "today", tomorrow: "tomorrow", choose: "Choose…", optional: "(optional)", unread: "{n} unread", mentions: "{n} for you",
    loading: "One moment…", options_none: "Nothing found", search: "Type to search", menu: "Menu",
    phones: "Phones and mail", phone_of: "{name}'s phone", mailbox_of: "{name}'s mailbox", no_sms: "No text message", short_number: "short number", answer_sms: "Answer this text message", answer_hint: "a, n, or {code}…", no_mail: "No mail", no_phone: "No number is known",
    discord: "Discord channel", discord_came: "In Discord: {text}", discord_hint: "Empty. A step of a policy posts here when its target is this channel:",
    rings: "{name}'s phone: {text}", mail_came: "Mail for {name}: {text}", sound: "Sound", show_html: "HTML version", from: "from {name}", calls: "Calls",
    call_ringing: "Vigie is calling", call_answered: "Call from Vigie", call_busy: "Missed: busy", call_no_answer: "Missed call from Vigie", call_failed: "Call failed", call_ended: "Call ended",
    call_1: "Acknowledge", call_2: "Escalate", call_ignore: "Let it ring", call_hang_up: "Hang up",
    clock: "The demo's clock", pause: "Pause", play: "Go on", speed: "{n} times as fast", real_time: "In real time", ahead: "5 minutes later", fire: "Scenarios",
    sc_redis: "Redis cluster down, SEV1", sc_redis_d: "The whole night: a card, a page at T+5, a runbook with a critical step.",
    sc_gateway: "API gateway slow, SEV2", sc_gateway_d: "Another team, another policy, another runbook.",
    sc_storm: "A storm of 200 alerts", sc_storm_d: "In 40 groups: 20 cards, and one digest for the rest. Slack takes one a second.",
    sc_slack_down: "Slack goes down", sc_slack_down_d: "An alert while nobody can be reached by Slack: text messages go at once.",
    sc_sms_lost: "Text messages never arrive", sc_sms_lost_d: "An alert while the provider takes text messages that no phone gets: two minutes later another way is tried.",
    sc_sms_fails: "The SMS provider fails", sc_sms_fails_d: "An alert while text messages are refused: see how people are reached.",
    sc_nobody: "Nobody on call", sc_nobody_d: "A team whose shift nobody took: the thread says so and the lead is paged at once.",
    mend: "Mend it", down_slack: "Slack is broken, on purpose.", down_sms: "The SMS provider is broken, on purpose.", down_lost: "Text messages are taken and never arrive, on purpose.", fired: "The alert is in: its card comes in {where}.",
    tour: "Tour", tour_go: "Show me", tour_close: "End the tour", api: "API", api_send: "Vigie listens at {address}. This sends an alert:", api_d: "And this reads the incidents:",
    lost: "The demo does not answer: is it still running? Trying again…", pane_list: "Channels", pane_channel: "Conversation", pane_thread: "Thread", pane_devices: "Phones", skip: "Go to the conversation",
    required: "Please complete this required field.", refused_slack_down: "Slack is down: nobody can click or write. Mend it above.", refused_no_answer: "Vigie did not answer within three seconds.",
    refused_trouble: "We had some trouble connecting. Try again?", refused_gone: "That is not there any more: it changed meanwhile.",
    refused_unknown: "The demo does not know how to do that.", refused_cut: "The demo does not answer.",
    tour_1: "Fire “Redis cluster down”", tour_1_d: "Alertmanager sends its webhook; within a second the card is in #sre-incidents, and nobody has it.",
    tour_2: "Let five minutes pass", tour_2_d: "Nobody acknowledges. At T+5 John, who is on call, gets a direct message and a text message: his phone rings.",
    tour_3: "Acknowledge as John", tour_3_d: "On the card, or in his direct message. The climb stops: nobody else is paged.",
    tour_4: "Work the runbook in the thread", tour_4_d: "One step at a time. Step 4 is critical: Slack asks before it sends the click, and Vigie holds you to it.",
    tour_5: "Resolve it", tour_5_d: "Resolve asks for a note. Everybody's copy is brought up to date.",
    tour_6: "Read the figures", tour_6_d: "The thread ends with MTTD, MTTA and MTTR. That was the night; now break something.",
  },
  fr: {
    acting_as: "Vous êtes", another_tab: "Ouvrir dans un autre onglet", apps: "Applications", channels: "Canaux", workspace: "Un Slack pour essayer Vigie",
    app_tag: "APP", only_you: "Visible par vous seulement", edited: "(modifié)", pinned: "Épinglé", reply: "Répondre dans le fil",
    more: "Plus d'actions", replies_one: "{n} réponse", replies_many: "{n} réponses", last_reply: "dernière {ago}", thread: "Fil",
    close: "Fermer", also_channel: "a répondu à un fil", new_messages: "Nouveau", empty_channel: "Rien pour l'instant. Lancez un scénario ci-dessus : sa carte arrive ici.",
    empty_direct: "Vigie n'a pas encore écrit à {name}.", messages: "Messages", home: "Accueil", empty_home: "Vigie n'a rien montré ici.",
    message_to: "Écrire à {where}", reply_to: "Répondre…", send: "Envoyer", commands: "Commandes", no_thread_commands: "Slack ne prend pas de commande dans un fil : écrivez-la dans le canal.",
    unknown_command: "{name} n'est la commande d'aucune application ici.", archived: "Ce canal est archivé.",
    yesterday: "hier", today: "aujourd'hui", tomorrow: "demain", choose: "Choisir…", optional: "(facultatif)", unread: "non lus : {n}", mentions: "{n} pour vous",
    loading: "Un instant…", options_none: "Rien trouvé", search: "Écrire pour chercher", menu: "Menu",
    phones: "Téléphones et courrier", phone_of: "Téléphone de {name}", mailbox_of: "Courrier de {name}", no_sms: "Aucun SMS", short_number: "numéro court", answer_sms: "Répondre à ce SMS", answer_hint: "a, n, ou {code}…", no_mail: "Aucun courrier", no_phone: "Aucun numéro connu",
    discord: "Salon Discord", discord_came: "Dans Discord : {text}", discord_hint: "Vide. Une étape de politique y publie quand sa cible est ce canal :",
    rings: "Téléphone de {name} : {text}", mail_came: "Courrier pour {name} : {text}", sound: "Son", show_html: "Version HTML", from: "de {name}", calls: "Appels",
    call_ringing: "Vigie appelle", call_answered: "Appel de Vigie", call_busy: "Manqué : occupé", call_no_answer: "Appel manqué de Vigie", call_failed: "Échec de l'appel", call_ended: "Appel terminé",
    call_1: "Acquitter", call_2: "Escalader", call_ignore: "Laisser sonner", call_hang_up: "Raccrocher",
    clock: "L'horloge de la démo", pause: "Pause", play: "Reprendre", speed: "{n} fois plus vite", real_time: "En temps réel", ahead: "5 minutes plus tard", fire: "Scénarios",
    sc_redis: "Cluster Redis en panne, SEV1", sc_redis_d: "La nuit entière : une carte, un appel à T+5, un runbook avec une étape critique.",
    sc_gateway: "API gateway lente, SEV2", sc_gateway_d: "Une autre équipe, une autre politique, un autre runbook.",
    sc_storm: "Une tempête de 200 alertes", sc_storm_d: "En 40 groupes : 20 cartes, et un résumé pour le reste. Slack en prend une par seconde.",
    sc_slack_down: "Slack tombe", sc_slack_down_d: "Une alerte quand Slack ne joint personne : les SMS partent tout de suite.",
    sc_sms_lost: "Les SMS n'arrivent jamais", sc_sms_lost_d: "Une alerte quand le fournisseur accepte des SMS qu'aucun téléphone ne reçoit : deux minutes après, un autre moyen est essayé.",
    sc_sms_fails: "Le fournisseur de SMS tombe", sc_sms_fails_d: "Une alerte quand les SMS sont refusés : voyez comment les gens sont joints.",
    sc_nobody: "Personne d'astreinte", sc_nobody_d: "Une équipe dont personne n'a pris l'astreinte : le fil le dit et le responsable est alerté tout de suite.",
    mend: "Réparer", down_slack: "Slack est en panne, exprès.", down_sms: "Le fournisseur de SMS est en panne, exprès.", down_lost: "Les SMS sont acceptés et n'arrivent jamais, exprès.", fired: "L'alerte est partie : sa carte arrive dans {where}.",
    tour: "Visite", tour_go: "Montrer", tour_close: "Finir la visite", api: "API", api_send: "Vigie écoute à {address}. Ceci envoie une alerte :", api_d: "Et ceci lit les incidents :",
    lost: "La démo ne répond pas : tourne-t-elle encore ? Nouvel essai…", pane_list: "Canaux", pane_channel: "Conversation", pane_thread: "Fil", pane_devices: "Téléphones", skip: "Aller à la conversation",
    required: "Ce champ est obligatoire.", refused_slack_down: "Slack est en panne : personne ne peut cliquer ni écrire. Réparez-le ci-dessus.", refused_no_answer: "Vigie n'a pas répondu en trois secondes.",
    refused_trouble: "Slack n'a pas compris la réponse. Réessayer ?", refused_gone: "Ce n'est plus là : cela a changé entre-temps.",
    refused_unknown: "La démo ne sait pas faire cela.", refused_cut: "La démo ne répond pas.",
    tour_1: "Lancez « Cluster Redis en panne »", tour_1_d: "Alertmanager envoie son webhook ; en une seconde la carte est dans #sre-incidents, et personne ne l'a.",
    tour_2: "Laissez passer cinq minutes", tour_2_d: "Personne n'acquitte. À T+5, John, d'astreinte, reçoit un message direct et un SMS : son téléphone sonne.",
    tour_3: "Acquittez en tant que John", tour_3_d: "Sur la carte ou dans son message direct. L'escalade s'arrête : personne d'autre n'est appelé.",
    tour_4: "Suivez le runbook dans le fil", tour_4_d: "Une étape à la fois. L'étape 4 est critique : Slack demande avant d'envoyer le clic, et Vigie y tient.",
    tour_5: "Résolvez", tour_5_d: "La résolution demande une note. La copie de chacun est mise à jour.",
    tour_6: "Lisez les chiffres", tour_6_d: "Le fil finit par MTTD, MTTA et MTTR. Voilà la nuit ; maintenant, cassez quelque chose.",
  },
};

let language = "en";

export function speak(chosen) {
  language = WORDS[chosen] ? chosen : "en";
  document.documentElement.lang = language;
}

export const spoken = () => language;

/** The page's words called `key`, their {names} filled in. */
export function t(key, values = {}) {
  return (WORDS[language][key] ?? key).replace(/\{(\w+)\}/g, (written, name) => values[name] ?? written);
}
