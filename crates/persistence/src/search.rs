//! Looking for a part of a text.

use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr};

/// A text with these characters in it, whatever their case.
pub(crate) fn contains(column: impl IntoColumnRef, part: &str) -> Expr {
    let mut pattern = String::from("%");
    for character in part.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    let name = Expr::expr(Func::lower(Expr::col(column)));
    name.like(LikeExpr::new(pattern).escape('\\'))
}
