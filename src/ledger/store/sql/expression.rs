//! The expressions of a statement.

use crate::ledger::store::{
    sql::{
        offered::{is_function, is_operator, is_sign, is_type},
        statement::{Checker, name, not_offered, single},
    },
    statement_error::StatementError,
};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, InTarget, Interval, TypedString, Value, ValueWithSpan,
};

impl Checker {
    /// Lets an expression through that consists of columns, values, and what is offered to compare and combine them.
    pub(super) fn expression(&mut self, expression: &Expr) -> Result<(), StatementError> {
        match expression {
            Expr::Identifier(column) => name(column),
            Expr::CompoundIdentifier(parts) if parts.len() == 2 => parts.iter().try_for_each(name),
            Expr::Value(ValueWithSpan { value, span: _ }) => literal(value),
            Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }) if is_type(data_type) => {
                literal(&value.value)
            }
            Expr::Nested(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner) => self.expression(inner),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => self.all([&**left, &**right]),
            Expr::In { expr, negated: _, target, global: false } => {
                self.expression(expr)?;
                self.target(target)
            }
            Expr::Between { expr, negated: _, low, high } => self.all([&**expr, &**low, &**high]),
            Expr::BinaryOp { left, op, right } if is_operator(op) => {
                if *op == BinaryOperator::StringConcat {
                    self.joins_texts()?;
                }
                self.all([&**left, &**right])
            }
            Expr::UnaryOp { op, expr } if is_sign(*op) => self.expression(expr),
            Expr::Like { negated: _, any: false, expr, pattern, escape_char }
            | Expr::ILike { negated: _, any: false, expr, pattern, escape_char } => {
                self.all([&**expr, &**pattern])?;
                self.all(escape_char.as_deref())
            }
            Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, format: None }
                if is_type(data_type) =>
            {
                self.expression(expr)
            }
            Expr::Extract { field: _, syntax: _, expr } => self.expression(expr),
            Expr::Ceil { expr, field: CeilFloorKind::Scale(_) }
            | Expr::Floor { expr, field: CeilFloorKind::Scale(_) } => self.expression(expr),
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.expression(expr)?;
                self.all(substring_from.as_deref())?;
                self.all(substring_for.as_deref())
            }
            Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                self.expression(expr)?;
                self.all(trim_what.as_deref())?;
                self.all(trim_characters.iter().flatten())
            }
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.all(operand.as_deref())?;
                for CaseWhen { condition, result } in conditions {
                    self.all([condition, result])?;
                }
                self.all(else_result.as_deref())
            }
            Expr::Exists { subquery, negated: _ } | Expr::Subquery(subquery) => self.query(subquery),
            Expr::Interval(Interval { value, leading_precision: None, fractional_seconds_precision: None, .. }) => {
                self.expression(value)
            }
            Expr::Function(function) => self.function(function),
            other => Err(not_offered(format!("the expression {other}"))),
        }
    }

    fn target(&mut self, target: &InTarget) -> Result<(), StatementError> {
        match target {
            InTarget::List(values) => self.all(values),
            InTarget::Subquery(query) => self.query(query),
            InTarget::Unnest(_) | InTarget::Table { .. } => Err(not_offered("this form of IN")),
        }
    }

    fn function(&mut self, function: &Function) -> Result<(), StatementError> {
        let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
            function;
        let called = single(name)?;
        if !is_function(&called.value, self.engine) {
            return Err(not_offered(format!("the function {name}")));
        }
        let is_plain = !uses_odbc_syntax
            && matches!(parameters, FunctionArguments::None)
            && null_treatment.is_none()
            && over.is_none()
            && within_group.is_empty();
        if !is_plain {
            return Err(not_offered(format!("this form of the function {name}")));
        }
        self.all(filter.as_deref())?;
        match args {
            FunctionArguments::List(FunctionArgumentList { duplicate_treatment: _, args, clauses })
                if clauses.is_empty() =>
            {
                args.iter().try_for_each(|argument| self.argument(argument))
            }
            _ => Err(not_offered(format!("this form of the function {name}"))),
        }
    }

    fn argument(&mut self, argument: &FunctionArg) -> Result<(), StatementError> {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => self.expression(expression),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(()),
            other => Err(not_offered(format!("the argument {other}"))),
        }
    }
}

/// Lets numbers, plain texts, truth and NULL through; other forms of texts have rules of their own about where they end.
fn literal(value: &Value) -> Result<(), StatementError> {
    match value {
        Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null => Ok(()),
        other => Err(not_offered(format!("the value {other}"))),
    }
}
