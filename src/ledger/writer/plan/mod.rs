//! One transaction in the making: changes validated in order, against the view and against each other.
//!
//! [`plan`] takes a change; [`insert`], [`replace`] and [`delete`] plan the three kinds of it, [`undo`] what takes them back, [`together`] what hangs
//! together, [`apply`] many of them that are done together or not at all ([`trial`] tells whether they could be); [`rules`] holds what a policy
//! has to satisfy, and [`duplicate`] refuses the one whose id is there already.

pub mod apply;
mod delete;
mod duplicate;
mod insert;
pub mod outcome;
pub mod placements;
pub mod plan;
mod projected;
mod replace;
pub mod row;
mod rules;
mod savepoint;
pub mod together;
pub mod trial;
mod undo;
