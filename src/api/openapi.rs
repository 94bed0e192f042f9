//! The OpenAPI document: made once from the table of operations and the schemas of the documents.

use crate::{
    api::{
        content::JSON,
        documents::{
            AddedDocument, AskDocument, BootDocument, CatalogDocument, ChangesDocument, HealthDocument,
            MembersDocument, PolicyDocument, PolicyListDocument, ProblemDocument, ProcessesDocument, ResultDocument,
            RunDocument,
        },
        operations::{ApiMethod, Body, GoodAnswer, OPERATIONS, Operation},
        parameters::{CONDITIONS, Parameter, ParameterPlace, Shape, TOPICS},
        problem::PROBLEM,
    },
    rest::rest_reply::RestReply,
    runtime::limits::POLICIES_TOGETHER,
};
use bytes::Bytes;
use serde_json::json;
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::{
    ToSchema,
    openapi::{
        self, Components, ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OneOfBuilder, OpenApiBuilder,
        PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
        header::HeaderBuilder,
        path::{OperationBuilder, ParameterBuilder, ParameterIn, ParameterStyle},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, SchemaType, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

/// The name of the way in which callers prove who they are.
const BEARER: &str = "bearer";
/// A version of the ledger; a month; or a day of the calendar (each month has its length, and leap years have their day), with a
/// time or without. What it takes is read: requests that are made from the document are not refused for a 31st of February, nor for
/// the year 9999, whose last day no time of the node reaches.
const MOMENT: &str = "^([0-9]{1,18}([.][0-9]{1,9})?|[0-9]{4}-(0[1-9]|1[0-2])\
                      |(([0-8][0-9]{3}|9([0-8][0-9]{2}|9([0-8][0-9]|9[0-8])))\
                      -((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)\
                      |([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)\
                      (T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?Z?)?)$";

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| serde_json::to_vec(&written()).unwrap_or_default().into());

/// Answers with the document.
#[must_use]
pub fn reply() -> RestReply {
    RestReply { is_json: true, ..RestReply::typed(JSON, DOCUMENT.clone()) }
}

fn written() -> openapi::OpenApi {
    let info = InfoBuilder::new().title("AnyLog master").version(env!("CARGO_PKG_VERSION")).description(Some(
        "Policies of the network as documents, questions, commands, the state of the node, and its events.",
    ));
    let mut items: BTreeMap<&str, PathItem> = BTreeMap::new();
    for operation in OPERATIONS {
        let method = match operation.method {
            ApiMethod::Get => HttpMethod::Get,
            ApiMethod::Post => HttpMethod::Post,
            ApiMethod::Put => HttpMethod::Put,
            ApiMethod::Delete => HttpMethod::Delete,
        };
        let item = PathItem::new(method, of_operation(operation));
        items.entry(operation.path).or_default().merge_operations(item);
    }
    let paths = items.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item));
    OpenApiBuilder::new().info(info.build()).paths(paths.build()).components(Some(components())).build()
}

fn of_operation(operation: &Operation) -> openapi::path::Operation {
    let mut builder = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .summary(Some(operation.summary))
        .request_body(request_body(operation.body));
    for parameter in operation.parameters {
        builder = builder.parameter(of_parameter(parameter));
    }
    for good in operation.good {
        builder = builder.response(good.status.to_string(), of_good(operation, good));
    }
    let mut problems: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for kind in operation.all_problems() {
        let (status, _, title) = kind.told();
        let titles = problems.entry(status.as_u16()).or_default();
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    for (status, titles) in problems {
        builder = builder.response(status.to_string(), of_problem(&titles.join("; ")));
    }
    if operation.open {
        builder.securities(Some([SecurityRequirement::default()])).build()
    } else {
        builder.security(SecurityRequirement::new(BEARER, Vec::<String>::new())).build()
    }
}

fn of_good(operation: &Operation, good: &GoodAnswer) -> Response {
    let mut response = ResponseBuilder::new().description(good.text);
    if let Some(name) = good.schema {
        let schema = if name == "Anything" { object() } else { RefOr::Ref(Ref::from_schema_name(name)) };
        response = response.content(JSON, ContentBuilder::new().schema(Some(schema)).build());
    } else if good.status == 200 {
        response = response.content(operation.content, ContentBuilder::new().schema(Some(text())).build());
    }
    for name in good.headers {
        response = response.header(*name, HeaderBuilder::new().schema(Some(text())).build());
    }
    response.build()
}

fn of_problem(text: &str) -> Response {
    let schema = RefOr::<Schema>::Ref(Ref::from_schema_name("ProblemDocument"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(text).content(PROBLEM, content).build()
}

fn of_parameter(parameter: &Parameter) -> openapi::path::Parameter {
    let place = match parameter.place {
        ParameterPlace::Query => ParameterIn::Query,
        ParameterPlace::Path => ParameterIn::Path,
        ParameterPlace::Header => ParameterIn::Header,
    };
    let builder = ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(if parameter.required { Required::True } else { Required::False })
        .description(Some(parameter.text))
        .schema(Some(of_shape(parameter.shape)));
    if parameter.shape == Shape::Topics {
        return builder.style(Some(ParameterStyle::Form)).explode(Some(false)).build();
    }
    builder.build()
}

fn of_shape(shape: Shape) -> RefOr<Schema> {
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let schema = match shape {
        Shape::Text(most) => string().min_length(Some(1)).max_length(Some(most)),
        Shape::Number(least, most) => {
            ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most))
        }
        Shape::Flag => ObjectBuilder::new().schema_type(Type::Boolean),
        Shape::Conditions => {
            let one = string().pattern(Some(r"^([^=\\]|\\[\s\S])*="));
            return RefOr::T(ArrayBuilder::new().items(one).max_items(Some(CONDITIONS)).build().into());
        }
        Shape::Moment => string().pattern(Some(MOMENT)),
        Shape::Topics => {
            let one = string().enum_values(Some(TOPICS));
            return RefOr::T(ArrayBuilder::new().items(one).min_items(Some(1)).unique_items(true).build().into());
        }
        Shape::Tags => string().pattern(Some("^([*]|(W/)?\"[!#-~]*\"(, ?(W/)?\"[!#-~]*\")*)$")),
        Shape::EventId => string().max_length(Some(64)),
        Shape::Key => string().pattern(Some("^[!-~]{1,128}$")),
    };
    RefOr::T(schema.build().into())
}

fn request_body(body: Body) -> Option<RequestBody> {
    let schema: RefOr<Schema> = match body {
        Body::Nothing => return None,
        Body::Policy => policy_ref(),
        Body::Policies => {
            let several = ArrayBuilder::new().items(policy_ref()).min_items(Some(1)).max_items(Some(POLICIES_TOGETHER));
            RefOr::T(OneOfBuilder::new().item(policy_ref()).item(several.build()).build().into())
        }
        Body::Ask => RefOr::Ref(Ref::from_schema_name("AskDocument")),
        Body::Run => RefOr::Ref(Ref::from_schema_name("RunDocument")),
    };
    let example = match body {
        Body::Policy | Body::Policies => json!({"device": {"name": "pump 1", "place": "hall 2"}}),
        Body::Ask => json!({"query": "blockchain get * bring.count"}),
        Body::Nothing | Body::Run => json!({"command": "get status"}),
    };
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    Some(RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True)).build())
}

fn policy_ref() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name("Policy"))
}

/// A policy: one key, its type, with an object.
fn policy() -> Schema {
    let body = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true)));
    ObjectBuilder::new()
        .description(Some("One key, the type of the policy, with an object: its body."))
        .min_properties(Some(1))
        .max_properties(Some(1))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(body.build().into()))))
        .build()
        .into()
}

fn text() -> RefOr<Schema> {
    RefOr::T(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build().into())
}

fn object() -> RefOr<Schema> {
    RefOr::T(ObjectBuilder::new().build().into())
}

fn components() -> Components {
    let mut schemas: Vec<(String, RefOr<Schema>)> = vec![("Policy".to_owned(), RefOr::T(policy()))];
    add::<AddedDocument>(&mut schemas);
    add::<AskDocument>(&mut schemas);
    add::<BootDocument>(&mut schemas);
    add::<CatalogDocument>(&mut schemas);
    add::<ChangesDocument>(&mut schemas);
    add::<HealthDocument>(&mut schemas);
    add::<MembersDocument>(&mut schemas);
    add::<PolicyDocument>(&mut schemas);
    add::<PolicyListDocument>(&mut schemas);
    add::<ProblemDocument>(&mut schemas);
    add::<ProcessesDocument>(&mut schemas);
    add::<ResultDocument>(&mut schemas);
    add::<RunDocument>(&mut schemas);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme(BEARER, SecurityScheme::Http(bearer)).build()
}

/// Adds the schema of a type with those that it needs.
fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{content::HTML, problem::ProblemKind},
        command::ledger::documents::PointInTime,
    };
    use regex::Regex;
    use serde_json::Value;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(text)) = map.get("$ref") {
                    found.push(text.clone());
                }
                map.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_is_whole() {
        let document: Value = serde_json::from_slice(&DOCUMENT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_and_every_status_stands_there() {
        let document: Value = serde_json::from_slice(&DOCUMENT).unwrap();
        for operation in OPERATIONS {
            let method = format!("{:?}", operation.method).to_lowercase();
            let told = &document["paths"][operation.path][&method];
            assert_eq!(told["operationId"], operation.id);
            for kind in operation.all_problems() {
                let status = kind.told().0.as_u16().to_string();
                assert!(told["responses"][&status]["content"][PROBLEM].is_object(), "{} {status}", operation.id);
            }
            assert_eq!(told["requestBody"].is_object(), operation.body != Body::Nothing);
            if operation.content == HTML {
                assert!(told["responses"]["200"]["content"][HTML].is_object());
            }
        }
    }

    #[test]
    fn the_document_takes_every_day_that_is_one_and_no_other() {
        let document: Value = serde_json::from_slice(&DOCUMENT).unwrap();
        let parameters = document["paths"]["/v1/policies"]["get"]["parameters"].as_array().unwrap();
        let at = parameters.iter().find(|one| one["name"] == "at").unwrap();
        let pattern = Regex::new(at["schema"]["pattern"].as_str().unwrap()).unwrap();
        let is_taken = |written: &str| pattern.is_match(written);
        let (years, mut days) = ([1900, 2000, 2023, 2024, 2026], 0);
        let months = years.into_iter().flat_map(|year| (0..14).map(move |month| format!("{year}-{month:02}")));
        for written in months.flat_map(|month| (0..33).map(move |day| format!("{month}-{day:02}"))) {
            let is_read = PointInTime::parse(&written).is_ok();
            assert_eq!(is_taken(&written), is_read, "{written}");
            assert_eq!(is_taken(&format!("{written}T23:59:59.5Z")), is_read, "{written} with a time");
            days += usize::from(is_read);
        }
        assert_eq!(days, 5 * 365 + 2, "each day of five years, two of which have one more");
        for (written, is_one) in
            [("0001-01-01", true), ("8999-12-31", true), ("9998-12-31", true), ("9999-12-31", false)]
        {
            assert_eq!((is_taken(written), PointInTime::parse(written).is_ok()), (is_one, is_one), "{written}");
        }
        assert!(is_taken("17.2") && is_taken("2026-12") && !is_taken("2026-13") && !is_taken("2026-1-31"));
    }

    #[test]
    fn kinds_of_problems_are_all_used() {
        let used: Vec<ProblemKind> = OPERATIONS.iter().flat_map(Operation::all_problems).collect();
        assert!(ProblemKind::ALL.iter().all(|kind| used.contains(kind)));
    }
}
