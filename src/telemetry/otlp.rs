//! Traces as `OpenTelemetry` knows them (feature `otlp`).

use crate::telemetry::traces::{Ended, Span};
use opentelemetry::{
    Context, KeyValue,
    propagation::TextMapPropagator,
    trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};
use std::{collections::HashMap, future::Future, sync::OnceLock};

/// There is one collector for a process; nothing while the operator names none.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The name under which a collector shows who made the spans.
const SCOPE: &str = "anylog-master";
/// The header line that carries the trace of a caller.
const PARENT: &str = "traceparent";

/// Has spans sent from now on.
pub fn send_to(provider: &SdkTracerProvider) {
    let _kept = TRACER.set(provider.tracer(SCOPE));
}

/// Does a piece of work inside a span, when somebody collects spans.
pub async fn traced<'a, F: Future>(
    span: impl FnOnce() -> Span<'a>,
    work: F,
    ended: impl FnOnce(&F::Output) -> Ended,
) -> F::Output {
    let Some(tracer) = TRACER.get() else { return work.await };
    let context = begin(tracer, span());
    let done = work.with_context(context.clone()).await;
    end(&context, ended(&done));
    done
}

fn begin(tracer: &SdkTracer, span: Span<'_>) -> Context {
    let (parent, kind) = match span.parent {
        Some(parent) => (parent_of(parent), SpanKind::Server),
        None => (Context::current(), SpanKind::Internal),
    };
    let attributes = span.attributes.into_iter().map(|(name, value)| KeyValue::new(name, value));
    let builder = tracer.span_builder(span.name).with_kind(kind).with_attributes(attributes.collect::<Vec<_>>());
    let span = builder.start_with_context(tracer, &parent);
    parent.with_span(span)
}

/// Reads the trace that a caller has begun; what is no trace begins a new one.
fn parent_of(line: &str) -> Context {
    let lines = HashMap::from([(PARENT.to_owned(), line.to_owned())]);
    TraceContextPropagator::new().extract_with_context(&Context::new(), &lines)
}

fn end(context: &Context, ended: Ended) {
    let span = context.span();
    if let Some(status) = ended.status {
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
    }
    if let Some(failure) = ended.failure {
        span.set_status(Status::error(failure));
    }
    span.end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TraceContextExt;

    #[test]
    fn a_caller_may_have_begun_the_trace() {
        let line = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = parent_of(line);
        assert_eq!(parent.span().span_context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!parent_of("nonsense").span().span_context().is_valid());
    }
}
