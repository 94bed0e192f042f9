//! The keys that a `where` list of a command may have.

/// One key of a `where` list: its name, its type, and how often it comes (reference/command-language 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) many: bool,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Digits only.
    Int,
    /// A number.
    Float,
    /// `true` or `false` in any case.
    Bool,
    /// A number and a unit of time, an [`anylog_values::TimeSpan`]; kept as seconds.
    Time,
    /// A number with an optional `KB`, `MB`, `GB` or `TB`, kept as bytes.
    Storage,
    /// `host:port`, an [`anylog_values::Address`].
    Address,
    /// `json` or `table`.
    Format,
    /// A list of its own in parentheses, kept as text; read it with [`super::pairs`].
    Nested,
}

impl Key {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, many: false }
    }
    /// A key with any text.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }
    /// A key with digits only.
    #[must_use]
    pub const fn int(name: &'static str) -> Self {
        Self::new(name, Kind::Int)
    }
    /// A key with a number.
    #[must_use]
    pub const fn float(name: &'static str) -> Self {
        Self::new(name, Kind::Float)
    }
    /// A key with `true` or `false`.
    #[must_use]
    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, Kind::Bool)
    }
    /// A key with a number and a unit of time.
    #[must_use]
    pub const fn time(name: &'static str) -> Self {
        Self::new(name, Kind::Time)
    }
    /// A key with a size in bytes.
    #[must_use]
    pub const fn storage(name: &'static str) -> Self {
        Self::new(name, Kind::Storage)
    }
    /// A key with `host:port`.
    #[must_use]
    pub const fn address(name: &'static str) -> Self {
        Self::new(name, Kind::Address)
    }
    /// A key with `json` or `table`.
    #[must_use]
    pub const fn format(name: &'static str) -> Self {
        Self::new(name, Kind::Format)
    }
    /// A key with a list of its own in parentheses.
    #[must_use]
    pub const fn nested(name: &'static str) -> Self {
        Self::new(name, Kind::Nested)
    }
    /// The key must be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    /// The key may have several values.
    #[must_use]
    pub const fn many(mut self) -> Self {
        self.many = true;
        self
    }
}
