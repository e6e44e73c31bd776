//! What a report says, in each language. A text that one language lacks does
//! not compile.

use super::Language;
use crate::store::{CloseReason, ContainmentState, MessageState, PersonActionKind, Phase};

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// Behind a label.
    pub(super) colon: &'static str,
    /// Short for a day.
    pub(super) day: &'static str,
    pub(super) unknown: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) nothing: &'static str,
    pub(super) done: &'static str,
    pub(super) to_do: &'static str,

    pub(super) title: &'static str,
    pub(super) in_the_logs_of: &'static str,
    pub(super) incident: &'static str,
    pub(super) state: &'static str,
    pub(super) credential: &'static str,
    pub(super) vendor: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) repository: &'static str,
    pub(super) fingerprint: &'static str,

    pub(super) open: &'static str,
    pub(super) contained: &'static str,
    pub(super) closed: &'static str,
    /// Worst first.
    pub(super) severities: [&'static str; 4],
    /// Surest first.
    pub(super) confidences: [&'static str; 4],
    /// Public, internal, private.
    visibilities: [&'static str; 3],
    /// Rotated, false alarm, accepted.
    close_reasons: [&'static str; 3],

    pub(super) exposure: &'static str,
    pub(super) at_least: &'static str,
    pub(super) since_at_the_latest: &'static str,
    pub(super) still_there: &'static str,
    pub(super) lower_bound: &'static str,
    pub(super) earlier_not_searched: &'static str,
    pub(super) lines_without_time: &'static str,
    pub(super) logs_not_read: &'static str,

    pub(super) leaked_at: &'static str,
    pub(super) detected_at: &'static str,
    pub(super) detected_again_at: &'static str,
    pub(super) told_at: &'static str,
    pub(super) acknowledged_at: &'static str,
    pub(super) contained_at: &'static str,
    pub(super) rotated_at: &'static str,
    pub(super) closed_at: &'static str,
    pub(super) time_to_detect: &'static str,
    pub(super) time_to_contain: &'static str,
    pub(super) time_to_rotate: &'static str,

    pub(super) repositories: &'static str,
    pub(super) workflows: &'static str,
    pub(super) runs: &'static str,
    pub(super) attempts: &'static str,
    pub(super) jobs: &'static str,
    pub(super) steps: &'static str,
    pub(super) times_shown: &'static str,
    pub(super) secrets: &'static str,

    pub(super) run: &'static str,
    pub(super) attempt: &'static str,
    pub(super) workflow: &'static str,
    pub(super) job: &'static str,
    pub(super) step: &'static str,
    pub(super) annotation: &'static str,
    pub(super) first: &'static str,
    pub(super) last: &'static str,

    pub(super) logs: &'static str,
    pub(super) confirmed_at: &'static str,
    pub(super) record: &'static str,
    pub(super) annotations_stay: &'static str,
    /// Not asked for, waiting, asked, done, failed.
    containments: [&'static str; 5],

    pub(super) channel: &'static str,
    pub(super) message: &'static str,
    pub(super) at: &'static str,
    /// Pending, sending, sent, dead.
    messages: [&'static str; 4],
    /// Opened, updated, contained, closed.
    stages: [&'static str; 4],

    pub(super) priority: &'static str,
    pub(super) action: &'static str,
    /// Rotate, silence the command, delete the logs, search, shorten retention.
    pub(super) recommended: [&'static str; 5],
    pub(super) rotation_steps: &'static str,
    pub(super) no_rotation_steps: &'static str,

    pub(super) rule: &'static str,
    pub(super) value: &'static str,
    pub(super) excerpt: &'static str,
    pub(super) no_excerpt: &'static str,
    pub(super) logs_read: &'static str,
    pub(super) log: &'static str,
    pub(super) bytes: &'static str,
    pub(super) fetched_at: &'static str,
    pub(super) tool: &'static str,
    pub(super) rules: &'static str,

    pub(super) relation: &'static str,
    pub(super) in_the_same_runs: &'static str,
    pub(super) the_same_secret: &'static str,

    pub(super) event: &'static str,
    pub(super) leaked: &'static str,
    /// Acknowledged, rotated, note.
    person_actions: [&'static str; 3],
    /// In the order of [`EVENTS`].
    events: [&'static str; EVENTS.len()],
}

/// What the audit trail tells of, by action and phase.
const EVENTS: [(&str, Phase); 17] = [
    ("incident-opened", Phase::Note),
    ("incident-updated", Phase::Note),
    ("incident-contained", Phase::Note),
    ("incident-closed", Phase::Note),
    ("delete-logs", Phase::Intent),
    ("delete-logs", Phase::Done),
    ("delete-logs", Phase::Failed),
    ("delete-run", Phase::Intent),
    ("delete-run", Phase::Done),
    ("delete-run", Phase::Failed),
    ("confirm", Phase::Done),
    ("confirm", Phase::Failed),
    ("confirm", Phase::Note),
    ("send", Phase::Intent),
    ("send", Phase::Done),
    ("send", Phase::Failed),
    ("incident-rotated", Phase::Note),
];

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }

    /// What a line of the trail tells, if it is known here.
    pub(super) fn event(&self, action: &str, phase: Phase) -> Option<&'static str> {
        let at = EVENTS.iter().position(|event| *event == (action, phase))?;
        Some(self.events[at])
    }

    pub(super) fn visibility(&self, word: &str) -> &'static str {
        let [public, internal, private] = self.visibilities;
        match word {
            "public" => public,
            "internal" => internal,
            "private" => private,
            _ => self.unknown,
        }
    }

    pub(super) fn close_reason(&self, reason: CloseReason) -> &'static str {
        let [rotated, false_alarm, accepted] = self.close_reasons;
        match reason {
            CloseReason::Rotated => rotated,
            CloseReason::FalseAlarm => false_alarm,
            CloseReason::Accepted => accepted,
        }
    }

    pub(super) fn containment(&self, state: Option<ContainmentState>) -> &'static str {
        let [not_asked_for, waiting, asked, done, failed] = self.containments;
        match state {
            None => not_asked_for,
            Some(ContainmentState::Waiting) => waiting,
            Some(ContainmentState::Asked) => asked,
            Some(ContainmentState::Done) => done,
            Some(ContainmentState::Failed) => failed,
        }
    }

    pub(super) fn message(&self, state: MessageState) -> &'static str {
        let [pending, sending, sent, dead] = self.messages;
        match state {
            MessageState::Pending => pending,
            MessageState::Sending => sending,
            MessageState::Sent => sent,
            MessageState::Dead => dead,
        }
    }

    pub(super) fn stage(&self, word: &str) -> Option<&'static str> {
        let [opened, updated, contained, closed] = self.stages;
        match word {
            "opened" => Some(opened),
            "updated" => Some(updated),
            "contained" => Some(contained),
            "closed" => Some(closed),
            _ => None,
        }
    }

    pub(super) fn person_action(&self, kind: PersonActionKind) -> &'static str {
        let [acknowledged, rotated, note] = self.person_actions;
        match kind {
            PersonActionKind::Acknowledged => acknowledged,
            PersonActionKind::Rotated => rotated,
            PersonActionKind::Note => note,
        }
    }
}

const ENGLISH: Words = Words {
    colon: ":",
    day: "d",
    unknown: "unknown",
    not_yet: "not yet",
    nothing: "None.",
    done: "done",
    to_do: "to do",

    title: "Incident report:",
    in_the_logs_of: "in the logs of",
    incident: "Incident",
    state: "State",
    credential: "Credential",
    vendor: "Vendor",
    severity: "Severity",
    confidence: "Confidence",
    repository: "Repository",
    fingerprint: "Keyed fingerprint",

    open: "open: the secret may still be read in a log",
    contained: "contained: every log in which it was seen is confirmed gone",
    closed: "closed",
    severities: ["critical", "high", "medium", "low"],
    confidences: ["certain", "high", "medium", "low"],
    visibilities: ["public", "internal", "private"],
    close_reasons: [
        "the credential was rotated",
        "false alarm",
        "the risk is accepted",
    ],

    exposure: "Exposure window",
    at_least: "at least",
    since_at_the_latest: "open since, at the latest,",
    still_there: "leaksweep has not confirmed that the logs are gone",
    lower_bound: "lower bound",
    earlier_not_searched: "runs that are not listed here were not searched",
    lines_without_time: "some lines with the secret have no time",
    logs_not_read: "some logs were gone or could not be read",

    leaked_at: "First line with the secret",
    detected_at: "Detected",
    detected_again_at: "Detected again",
    told_at: "First channel told",
    acknowledged_at: "Acknowledged",
    contained_at: "Contained",
    rotated_at: "Credential rotated",
    closed_at: "Closed",
    time_to_detect: "Time to detect",
    time_to_contain: "Time to contain (from the latest detection)",
    time_to_rotate: "Time to rotate (from the first detection)",

    repositories: "Repositories",
    workflows: "Workflows",
    runs: "Runs",
    attempts: "Attempts",
    jobs: "Jobs",
    steps: "Steps",
    times_shown: "Times shown",
    secrets: "Distinct secrets in these runs",

    run: "Run",
    attempt: "Attempt",
    workflow: "Workflow",
    job: "Job",
    step: "Step",
    annotation: "(annotation)",
    first: "First line",
    last: "Last line",

    logs: "Logs",
    confirmed_at: "Confirmed gone",
    record: "As recorded",
    annotations_stay: "Annotations show the secret: they stay when logs are deleted, and go \
                       with the run.",
    containments: [
        "deletion was not asked for",
        "deletion is due",
        "GitHub agreed to delete, not yet confirmed",
        "confirmed gone",
        "NOT contained",
    ],

    channel: "Channel",
    message: "Message",
    at: "Time",
    messages: [
        "to be sent",
        "being sent",
        "delivered",
        "NOT delivered, given up",
    ],
    stages: ["opened", "updated", "contained", "closed"],

    priority: "Priority",
    action: "Action",
    recommended: [
        "Revoke or rotate the credential: deleting a log takes nothing back",
        "Silence the command that prints it, in",
        "Delete the logs that show it, and have that confirmed",
        "Search the history of runs, and repositories with a copy of the step",
        "Keep logs for two days only",
    ],
    rotation_steps: "What the rule for this credential says:",
    no_rotation_steps: "The rule has no steps: follow the vendor's documentation.",

    rule: "Rule",
    value: "Value",
    excerpt: "The line, every secret on it masked:",
    no_excerpt: "No excerpt of the line was kept.",
    logs_read: "The logs as GitHub sent them, before anything was deleted:",
    log: "Log",
    bytes: "Bytes",
    fetched_at: "Fetched",
    tool: "Tool",
    rules: "Rules",

    relation: "Relation",
    in_the_same_runs: "another secret in the same runs",
    the_same_secret: "the same secret elsewhere",

    event: "Event",
    leaked: "The secret stands in a log for the first time that is known",
    person_actions: ["Incident acknowledged", "Credential rotated", "Note"],
    events: [
        "Secret found, incident opened",
        "Secret found in further places",
        "Contained: every log in which it was seen is confirmed gone",
        "Incident closed",
        "Deletion of the logs begun, outcome unknown",
        "GitHub was asked to delete the logs, and agreed",
        "GitHub was asked to delete the logs, and did not",
        "Deletion of the run begun, outcome unknown",
        "GitHub was asked to delete the run, and agreed",
        "GitHub was asked to delete the run, and did not",
        "Confirmed gone",
        "NOT confirmed gone",
        "Not gone: the run is to be deleted",
        "Delivery of a message begun, outcome unknown",
        "Message delivered",
        "Message not delivered",
        "Rotation recorded afterwards",
    ],
};

const FRENCH: Words = Words {
    colon: "\u{a0}:",
    day: "j",
    unknown: "inconnu",
    not_yet: "pas encore",
    nothing: "Aucun élément.",
    done: "fait",
    to_do: "à faire",

    title: "Rapport d’incident\u{a0}:",
    in_the_logs_of: "dans les journaux de",
    incident: "Incident",
    state: "État",
    credential: "Secret",
    vendor: "Fournisseur",
    severity: "Gravité",
    confidence: "Certitude",
    repository: "Dépôt",
    fingerprint: "Empreinte à clé",

    open: "ouvert\u{a0}: le secret est peut-être encore lisible dans un journal",
    contained: "confiné\u{a0}: la disparition de tous les journaux où il a été vu est confirmée",
    closed: "clos",
    severities: ["critique", "élevée", "moyenne", "faible"],
    confidences: ["certaine", "élevée", "moyenne", "faible"],
    visibilities: ["public", "interne", "privé"],
    close_reasons: [
        "le secret a été remplacé",
        "fausse alerte",
        "risque accepté",
    ],

    exposure: "Période d’exposition",
    at_least: "au moins",
    since_at_the_latest: "ouverte depuis le",
    still_there: "leaksweep n’a pas confirmé la disparition des journaux",
    lower_bound: "borne inférieure",
    earlier_not_searched: "les exécutions absentes de ce rapport n’ont pas été examinées",
    lines_without_time: "certaines lignes où figure le secret ne sont pas horodatées",
    logs_not_read: "certains journaux avaient disparu ou n’ont pas pu être lus",

    leaked_at: "Première ligne où figure le secret",
    detected_at: "Détection",
    detected_again_at: "Nouvelle détection",
    told_at: "Premier canal avisé",
    acknowledged_at: "Prise en charge",
    contained_at: "Confinement",
    rotated_at: "Remplacement du secret",
    closed_at: "Clôture",
    time_to_detect: "Délai de détection",
    time_to_contain: "Délai de confinement (depuis la dernière détection)",
    time_to_rotate: "Délai de remplacement (depuis la première détection)",

    repositories: "Dépôts",
    workflows: "Flux de travail",
    runs: "Exécutions",
    attempts: "Tentatives",
    jobs: "Tâches",
    steps: "Étapes",
    times_shown: "Occurrences",
    secrets: "Secrets distincts dans ces exécutions",

    run: "Exécution",
    attempt: "Tentative",
    workflow: "Flux de travail",
    job: "Tâche",
    step: "Étape",
    annotation: "(annotation)",
    first: "Première ligne",
    last: "Dernière ligne",

    logs: "Journaux",
    confirmed_at: "Disparition confirmée",
    record: "Texte consigné",
    annotations_stay: "Le secret figure dans des annotations\u{a0}: celles-ci survivent aux \
                       journaux et ne disparaissent qu’avec l’exécution.",
    containments: [
        "la suppression n’a pas été demandée",
        "suppression à venir",
        "suppression acceptée par GitHub, pas encore confirmée",
        "disparition confirmée",
        "NON confinés",
    ],

    channel: "Canal",
    message: "Message",
    at: "Heure",
    messages: [
        "à envoyer",
        "en cours d’envoi",
        "remis",
        "NON remis, envoi abandonné",
    ],
    stages: ["ouverture", "mise à jour", "confinement", "clôture"],

    priority: "Priorité",
    action: "Mesure",
    recommended: [
        "Révoquer ou remplacer le secret\u{a0}: supprimer un journal ne reprend rien à personne",
        "Faire taire la commande qui l’affiche, dans",
        "Supprimer les journaux où il figure et en obtenir la confirmation",
        "Examiner l’historique des exécutions et les dépôts où l’étape a été copiée",
        "Ne conserver les journaux que deux jours",
    ],
    rotation_steps: "Ce que dit la règle pour ce type de secret (texte d’origine, en anglais)\u{a0}:",
    no_rotation_steps: "La règle n’indique aucune marche à suivre\u{a0}: consulter la \
                        documentation du fournisseur.",

    rule: "Règle",
    value: "Valeur",
    excerpt: "La ligne, tous les secrets masqués\u{a0}:",
    no_excerpt: "Aucun extrait de la ligne n’a été conservé.",
    logs_read: "Les journaux tels que GitHub les a transmis, avant toute suppression\u{a0}:",
    log: "Journal",
    bytes: "Octets",
    fetched_at: "Obtenu",
    tool: "Outil",
    rules: "Règles",

    relation: "Lien",
    in_the_same_runs: "autre secret dans les mêmes exécutions",
    the_same_secret: "même secret ailleurs",

    event: "Événement",
    leaked: "Première apparition connue du secret dans un journal",
    person_actions: ["Incident pris en charge", "Secret remplacé", "Note"],
    events: [
        "Secret découvert, incident ouvert",
        "Secret découvert à d’autres endroits",
        "Confinement\u{a0}: la disparition de tous les journaux où il a été vu est confirmée",
        "Incident clos",
        "Suppression des journaux commencée, issue inconnue",
        "Suppression des journaux demandée à GitHub et acceptée",
        "Suppression des journaux demandée à GitHub sans succès",
        "Suppression de l’exécution commencée, issue inconnue",
        "Suppression de l’exécution demandée à GitHub et acceptée",
        "Suppression de l’exécution demandée à GitHub sans succès",
        "Disparition confirmée",
        "Disparition NON confirmée",
        "Pas encore disparu\u{a0}: l’exécution est à supprimer",
        "Envoi d’un message commencé, issue inconnue",
        "Message remis",
        "Message non remis",
        "Remplacement consigné après coup",
    ],
};
