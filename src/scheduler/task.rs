//! One scheduled task: when it is due, and what it has done.

use crate::{
    node::{Caller, NewTask, TaskChange, TaskMode, TaskStatus, secret},
    runtime::clock,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// A task and its runs.
#[derive(Clone, Debug)]
pub(super) struct Task {
    mode: TaskMode,
    name: Option<String>,
    every: Duration,
    command: String,
    made_by: Caller,
    start: Timestamp,
    start_at: Instant,
    last_run: Option<Instant>,
    last_moment: Option<Timestamp>,
    runs: u64,
    result: Option<String>,
}

impl Task {
    pub(super) fn new(task: NewTask, made_by: Caller) -> Self {
        let start = task.start.unwrap_or_else(clock::now);
        Self {
            mode: TaskMode::Paused,
            name: task.name,
            every: task.every,
            command: task.command,
            made_by,
            start,
            start_at: instant(start),
            last_run: None,
            last_moment: None,
            runs: 0,
            result: None,
        }
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    pub(super) fn made_by(&self) -> &Caller {
        &self.made_by
    }

    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// Applies a change; `Remove` is for the scheduler that holds the task.
    pub(super) fn change(&mut self, change: TaskChange) {
        match change {
            TaskChange::Stop => self.mode = TaskMode::Stopped,
            TaskChange::Resume => self.mode = TaskMode::Paused,
            TaskChange::Remove => {}
            TaskChange::Start(start) => {
                self.mode = TaskMode::Paused;
                self.start = start;
                self.start_at = instant(start);
            }
        }
    }

    /// Tells whether the task runs now: an active one needs no look at its start any more.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let started = self.mode == TaskMode::Active || now >= self.start_at;
        // A time that reaches beyond the end of the clock never passes.
        let rested = self.last_run.is_none_or(|last| last.checked_add(self.every).is_some_and(|due| now >= due));
        self.mode != TaskMode::Stopped && started && rested
    }

    /// Notes a run and returns the text to run, with the times of this run and the one before filled in.
    pub(super) fn begin(&mut self, now: Instant) -> String {
        let moment = clock::now();
        let before = self.last_moment.replace(moment).unwrap_or_else(|| earlier(moment, self.every));
        self.mode = TaskMode::Active;
        self.runs += 1;
        self.last_run = Some(now);
        self.command
            .replace("TIME(PREVIOUS)", &format!("'{}'", clock::micro(before)))
            .replace("TIME(CURRENT)", &format!("'{}'", clock::micro(moment)))
    }

    pub(super) fn end(&mut self, result: String) {
        self.result = Some(result);
    }

    pub(super) fn status(&self, id: usize) -> TaskStatus {
        TaskStatus {
            id,
            mode: self.mode,
            name: self.name.clone(),
            runs: self.runs,
            last: self.result.clone(),
            start: self.start,
            every: self.every,
            command: secret::masked(&self.command).into_owned(),
        }
    }
}

/// Returns the moment of the runtime's clock that stands for a wall-clock time; past times are now.
fn instant(moment: Timestamp) -> Instant {
    let ahead = moment.duration_since(clock::now());
    let ahead = Duration::try_from(ahead).unwrap_or(Duration::ZERO);
    let now = Instant::now();
    now.checked_add(ahead).unwrap_or(now)
}

fn earlier(moment: Timestamp, by: Duration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{Origin, Role};

    fn prompt() -> Caller {
        Caller { origin: std::sync::Arc::new(Origin::Prompt), role: Role::Local }
    }

    fn task(start: Option<Timestamp>) -> Task {
        let every = Duration::from_secs(60);
        Task::new(NewTask { name: None, every, start, command: "print x".to_owned() }, prompt())
    }

    /// A moment that is surely not before a start of now.
    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[test]
    fn new_task_is_due_at_once_and_again_after_its_time() {
        let mut task = task(None);
        assert!(task.is_due(soon()));
        task.begin(Instant::now());
        assert!(!task.is_due(Instant::now() + Duration::from_secs(50)));
        assert!(task.is_due(soon() + Duration::from_secs(60)));
    }

    #[test]
    fn a_time_beyond_the_end_of_the_clock_never_passes() {
        let task = NewTask { name: None, every: Duration::MAX, start: None, command: "print x".to_owned() };
        let mut task = Task::new(task, prompt());
        assert!(task.is_due(soon()));
        task.begin(Instant::now());
        assert!(!task.is_due(soon()));
    }

    #[test]
    fn start_in_the_future_is_waited_for() {
        let task = task(Some(clock::now() + Duration::from_secs(3600)));
        assert!(!task.is_due(Instant::now() + Duration::from_secs(3500)));
        assert!(task.is_due(Instant::now() + Duration::from_secs(3610)));
    }

    #[test]
    fn stopped_task_waits_for_resume() {
        let mut task = task(None);
        task.change(TaskChange::Stop);
        assert!(!task.is_due(soon()));
        task.change(TaskChange::Resume);
        assert!(task.is_due(soon()));
    }

    #[test]
    fn a_secret_that_was_typed_into_a_task_is_run_and_not_shown() {
        let command = "connect dbms b where type = psql and password = hunter2".to_owned();
        let every = Duration::from_secs(60);
        let mut task = Task::new(NewTask { name: None, every, start: None, command: command.clone() }, prompt());
        assert_eq!(task.status(1).command, "connect dbms b where type = psql and password = ********");
        assert_eq!(task.command(), command);
        assert_eq!(task.begin(Instant::now()), command);
    }

    #[test]
    fn times_of_this_run_and_the_last_are_filled_in() {
        let every = Duration::from_secs(60);
        let command = "a TIME(PREVIOUS) b TIME(CURRENT)".to_owned();
        let mut task = Task::new(NewTask { name: None, every, start: None, command }, prompt());
        let text = task.begin(Instant::now());
        assert!(text.starts_with("a '20") && !text.contains("TIME("), "{text}");
    }
}
