//! A webhook whose body the configuration gives: incident.io, `FireHydrant`,
//! Rootly, Grafana IRM, `ServiceNow`, Splunk, Jira and whatever else takes JSON.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::fitting;
use super::{Document, Endpoint};
use crate::config::{ChannelConfig, Template};
use serde_json::Value;

/// Small enough for every receiver that is known to need a template.
const MOST_BYTES: usize = 60_000;

#[derive(Debug)]
pub(super) struct Templated {
    endpoint: Endpoint,
    template: Option<Template>,
    idempotent: bool,
}

impl Templated {
    pub(super) fn new(endpoint: Endpoint, entry: &ChannelConfig) -> Self {
        Self {
            endpoint,
            template: entry.template.clone(),
            idempotent: entry.idempotent,
        }
    }
}

impl Channel for Templated {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// As the configuration says: it depends on a key in the template.
    fn idempotent(&self) -> bool {
        self.idempotent
    }

    fn render(&self, document: &Document) -> Rendered {
        let body = |most| {
            let fields = fields(document, most);
            let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
            self.template
                .as_ref()
                .map(|it| it.fill(&field))
                .unwrap_or_default()
        };
        Rendered::json(&fitting(body, |it| it.to_string().len() <= MOST_BYTES))
    }
}

/// What a template can name. Nobody knows what the target does with markup, so
/// texts have none.
fn fields(document: &Document, most: usize) -> Value {
    let card = Card::of(document, most);
    let status = if document.stage.is_firing() {
        "firing"
    } else {
        "resolved"
    };
    let mut fields = serde_json::to_value(document.inert(most)).unwrap_or_default();
    fields["title"] = card.title.clone().into();
    fields["text"] = card.text().into();
    fields["status"] = status.into();
    fields["url"] = card.page().cloned().into();
    fields
}

#[cfg(test)]
mod tests {
    use super::fields;
    use crate::config::TEMPLATE_FIELDS;
    use crate::incident::sample;

    #[test]
    fn the_fields_of_templates_are_those_of_a_document() {
        let fields = fields(&sample::document(), 5);
        let names: Vec<_> = fields.as_object().unwrap().keys().collect();
        assert_eq!(names, TEMPLATE_FIELDS);
    }
}
