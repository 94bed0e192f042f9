//! Where traces go.

use crate::config::{group::group, values::Url};
use secrecy::SecretString;

group! {
    /// Traces for a collector of OpenTelemetry; for a program that was built with `--features otlp`.
    pub struct Tracing {
        /// Beginning of the address of a collector that takes OTLP over HTTP, for example `http://collector:4318`; not set: no
        /// traces are sent.
        otel_exporter_otlp_endpoint: Option<Url> = OTEL_EXPORTER_OTLP_ENDPOINT[""],
        /// Header lines for the collector, `name=value` with commas between them.
        otel_exporter_otlp_headers: Option<SecretString> = OTEL_EXPORTER_OTLP_HEADERS[""],
        /// Name under which the collector shows the node.
        otel_service_name: String = OTEL_SERVICE_NAME["anylog-master"],
    }
}
