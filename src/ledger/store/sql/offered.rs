//! The names that a statement may use.

use crate::ledger::store::engine::Engine;
use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, UnaryOperator};

/// The tables of the ledger: the one that the network knows, and the history beside it.
pub const TABLES: [&str; 2] = ["ledger", "policy_history"];

/// Functions of both databases. None of them reaches beyond its arguments, none makes much of little, and none takes long on
/// a long text: what runs a text, repeats one or searches for one is not here.
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "coalesce",
    "count",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "round",
    "rtrim",
    "substr",
    "substring",
    "sum",
    "trim",
    "upper",
];
const OF_SQLITE: &[&str] = &[
    "date",
    "datetime",
    "ifnull",
    "iif",
    "json_array_length",
    "json_extract",
    "json_type",
    "json_valid",
    "julianday",
    "strftime",
    "time",
    "total",
    "typeof",
    "unixepoch",
];
const OF_POSTGRES: &[&str] = &[
    "btrim",
    "char_length",
    "date_part",
    "date_trunc",
    "greatest",
    "json_array_length",
    "json_extract_path_text",
    "json_typeof",
    "jsonb_array_length",
    "jsonb_extract_path_text",
    "jsonb_typeof",
    "least",
    "left",
    "now",
    "octet_length",
    "right",
    "split_part",
    "starts_with",
    "strpos",
];

/// What SQLite calls its own operators and the forms of SQL that it takes for functions.
const OPERATORS_OF_SQLITE: &[&str] = &["->", "->>", "like"];

/// Tells whether a statement may call a function.
pub fn is_function(name: &str, engine: Engine) -> bool {
    let name = name.to_ascii_lowercase();
    let own = if engine == Engine::Sqlite { OF_SQLITE } else { OF_POSTGRES };
    [FUNCTIONS, own].iter().any(|names| names.contains(&name.as_str()))
}

/// Tells whether SQLite may call a function for a statement.
pub fn is_called_by_sqlite(name: &str) -> bool {
    is_function(name, Engine::Sqlite) || OPERATORS_OF_SQLITE.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Tells whether a statement may read a table.
pub fn is_table(name: &str) -> bool {
    TABLES.iter().any(|table| table.eq_ignore_ascii_case(name))
}

/// Tells whether a statement may use an operator between two values.
pub const fn is_operator(operator: &BinaryOperator) -> bool {
    use BinaryOperator as Op;
    matches!(
        operator,
        Op::Plus
            | Op::Minus
            | Op::Multiply
            | Op::Divide
            | Op::Modulo
            | Op::StringConcat
            | Op::Gt
            | Op::Lt
            | Op::GtEq
            | Op::LtEq
            | Op::Eq
            | Op::NotEq
            | Op::And
            | Op::Or
            | Op::Arrow
            | Op::LongArrow
    )
}

/// Tells whether a statement may use an operator before a value.
pub const fn is_sign(operator: UnaryOperator) -> bool {
    matches!(operator, UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not)
}

/// Tells whether a statement may take a value as another type.
pub const fn is_type(kind: &DataType) -> bool {
    use DataType as Type;
    matches!(
        kind,
        Type::Text
            | Type::Varchar(None)
            | Type::CharacterVarying(None)
            | Type::Int(None)
            | Type::Integer(None)
            | Type::BigInt(None)
            | Type::SmallInt(None)
            | Type::Real
            | Type::Double(ExactNumberInfo::None)
            | Type::DoublePrecision
            | Type::Float(ExactNumberInfo::None)
            | Type::Numeric(ExactNumberInfo::None)
            | Type::Decimal(ExactNumberInfo::None)
            | Type::Bool
            | Type::Boolean
            | Type::Date
            | Type::Timestamp(None, _)
            | Type::JSON
            | Type::JSONB
    )
}
