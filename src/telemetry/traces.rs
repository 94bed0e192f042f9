//! Traces: what a request and the commands inside it took, for a collector of `OpenTelemetry`. A build with the feature `otlp`
//! sends them where the operator says; in every other build nothing of it is in the program.

/// What is known of a piece of work when it begins.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// What kind of work it is; few different names.
    pub name: &'static str,
    /// What it works for: names of the conventions of `OpenTelemetry` and their values.
    pub attributes: Vec<(&'static str, String)>,
    /// The `traceparent` line of a caller (W3C Trace Context), for work that a caller of another program began.
    pub parent: Option<&'a str>,
}

/// What is known when it has ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Why it failed, when it did.
    pub failure: Option<String>,
    /// The status of the reply, of work that has one.
    pub status: Option<u16>,
}

#[cfg(feature = "otlp")]
pub use crate::telemetry::otlp::traced;

/// Does a piece of work; a build without traces looks at nothing of it.
#[cfg(not(feature = "otlp"))]
pub fn traced<'a, F: Future>(
    _span: impl FnOnce() -> Span<'a>,
    work: F,
    _ended: impl FnOnce(&F::Output) -> Ended,
) -> impl Future<Output = F::Output> {
    work
}
