//! All schedulers of the node, and the loop that runs the tasks of one.

use crate::{
    command,
    node::{Caller, NewTask, Node, Origin, Scheduler, SchedulerStatus, Session, TaskChange, TaskKey, events::Echoed},
    reply::{Code, Error, Notice},
    runtime::limits::{SCHEDULED_TASKS, SCHEDULER_WAKE, SCHEDULERS},
    scheduler::task::Task,
};
use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// The schedulers behind the port [`Scheduler`]; they exist before they run, so tasks may come first.
#[derive(Clone, Default)]
pub struct Schedulers {
    list: Arc<Mutex<Vec<SchedulerState>>>,
}

#[derive(Default)]
struct SchedulerState {
    running: Option<RunningScheduler>,
    /// Places of removed tasks are empty until a new task takes them.
    tasks: Vec<Option<Task>>,
}

struct RunningScheduler {
    stop: CancellationToken,
    ended: CancellationToken,
}

impl Schedulers {
    /// Creates the node's schedulers; none runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn list(&self) -> MutexGuard<'_, Vec<SchedulerState>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs every due task, then sleeps until the next look, until the scheduler or the node stops.
    async fn work(self, node: Arc<Node>, id: usize, stop: CancellationToken, ended: CancellationToken) {
        let _ended = ended.drop_guard();
        let mut looks = tokio::time::interval(SCHEDULER_WAKE);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let thread = format!("scheduler_{id}");
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = stop.cancelled() => return,
            }
            let mut next = 0;
            while let Some((place, text, made_by)) = self.take_due(id, next, Instant::now()) {
                let origin = Origin::Scheduler { made_by: made_by.origin };
                let mut session = Session::new(origin, made_by.role, Arc::clone(&node.console), thread.clone());
                let result = run(&node, &mut session, &text).await;
                self.record_result(id, place, result);
                next = place + 1;
                if stop.is_cancelled() {
                    return;
                }
            }
        }
    }

    /// Takes the first due task at or behind a place and notes that it runs; returns its place, its text and who made it.
    fn take_due(&self, id: usize, from: usize, now: Instant) -> Option<(usize, String, Caller)> {
        let mut list = self.list();
        let tasks = list.get_mut(id)?.tasks.iter_mut().enumerate().skip(from);
        let (place, task) =
            tasks.filter_map(|(place, task)| Some((place, task.as_mut()?))).find(|(_, t)| t.is_due(now))?;
        Some((place, task.begin(now), task.made_by().clone()))
    }

    fn record_result(&self, id: usize, place: usize, result: Code) {
        let mut list = self.list();
        let task = list.get_mut(id).and_then(|scheduler| scheduler.tasks.get_mut(place)).and_then(Option::as_mut);
        if let Some(task) = task {
            task.end(result.text().to_owned());
        }
    }
}

/// Runs a task's command and prints what a script would print.
async fn run(node: &Arc<Node>, session: &mut Session, text: &str) -> Code {
    match command::run(node, session, text).await {
        Ok(reply) => {
            session.output.show(&reply);
            Code(0)
        }
        Err(error) => {
            report(node, text, &error);
            error.code
        }
    }
}

fn report(node: &Node, command: &str, error: &Error) {
    let text = error.code.text();
    match node.events.echo(&format!("Error executing: [{command}] Message: [{text}]")) {
        Echoed::Off => node.console.notice(&Notice::error(error.code)),
        Echoed::First => node.console.notice(&Notice::EchoQueue),
        Echoed::Queued => {}
    }
}

#[async_trait]
impl Scheduler for Schedulers {
    fn start(&self, node: &Arc<Node>, id: usize) -> Result<(), Error> {
        let (stop, ended) = (node.shutdown.token().child_token(), CancellationToken::new());
        {
            let mut list = self.list();
            let scheduler = declare(&mut list, id)?;
            if scheduler.running.as_ref().is_some_and(|running| !running.ended.is_cancelled()) {
                return Err(Code::ALREADY_ACTIVE.into());
            }
            scheduler.running = Some(RunningScheduler { stop: stop.clone(), ended: ended.clone() });
        }
        node.shutdown.spawn(self.clone().work(Arc::clone(node), id, stop, ended));
        Ok(())
    }

    async fn stop(&self, id: usize) -> bool {
        let running = self.list().get_mut(id).and_then(|scheduler| scheduler.running.take());
        let Some(running) = running else { return false };
        running.stop.cancel();
        // A task may stop its own scheduler; it must not wait for itself.
        let _over = tokio::time::timeout(Duration::from_secs(1), running.ended.cancelled()).await;
        true
    }

    fn schedule(&self, id: usize, task: NewTask, made_by: Caller) -> Result<(), Error> {
        let mut list = self.list();
        let tasks = &mut declare(&mut list, id)?.tasks;
        if let Some(name) = &task.name
            && tasks.iter().flatten().any(|t| t.is_named(name))
        {
            return Err(Error::with(Code::STRUCTURE, format!("Duplicate task name: '{name}'")));
        }
        let task = Some(Task::new(task, made_by));
        if let Some(free) = tasks.iter_mut().find(|place| place.is_none()) {
            *free = task;
        } else if tasks.len() < SCHEDULED_TASKS {
            tasks.push(task);
        } else {
            let detail = format!("scheduler {id} has {SCHEDULED_TASKS} tasks already; remove one with 'task remove'");
            return Err(Error::with(Code::STRUCTURE, detail));
        }
        Ok(())
    }

    fn change(&self, id: usize, key: &TaskKey, change: TaskChange) -> Result<(), Error> {
        let mut list = self.list();
        let place = find(&mut list, id, key)?;
        match (change, place.as_mut()) {
            (TaskChange::Remove, _) => *place = None,
            (change, Some(task)) => task.change(change),
            (_, None) => {}
        }
        Ok(())
    }

    fn command(&self, id: usize, key: &TaskKey) -> Result<String, Error> {
        let mut list = self.list();
        let place = find(&mut list, id, key)?;
        Ok(place.as_ref().map(|task| task.command().to_owned()).unwrap_or_default())
    }

    fn status(&self) -> Vec<SchedulerStatus> {
        let list = self.list();
        list.iter().enumerate().map(|(id, scheduler)| scheduler.status(id)).collect()
    }
}

impl SchedulerState {
    fn status(&self, id: usize) -> SchedulerStatus {
        let tasks = self.tasks.iter().zip(1..).filter_map(|(task, id)| Some(task.as_ref()?.status(id))).collect();
        let running = self.running.as_ref().is_some_and(|running| !running.ended.is_cancelled());
        SchedulerStatus { id, running, tasks }
    }
}

/// Returns a scheduler, and makes it and the ones before it when they are not there yet.
fn declare(list: &mut Vec<SchedulerState>, id: usize) -> Result<&mut SchedulerState, Error> {
    if id <= SCHEDULERS && list.len() <= id {
        list.resize_with(id + 1, SchedulerState::default);
    }
    list.get_mut(id).ok_or_else(|| Error::with(Code::STRUCTURE, "Scheduler ID is above limit"))
}

fn find<'a>(list: &'a mut [SchedulerState], id: usize, key: &TaskKey) -> Result<&'a mut Option<Task>, Error> {
    let missing = || {
        let task = match key {
            TaskKey::Name(name) => name.clone(),
            TaskKey::Id(number) => format!("#{number}"),
        };
        Error::with(Code::NO_TASK, format!("Task '{task}' in scheduler '{id}' is not valid"))
    };
    let tasks = list.get_mut(id).map(|scheduler| scheduler.tasks.iter_mut()).into_iter().flatten();
    let mut places = tasks.zip(1..).filter(|(task, _)| task.is_some());
    let found = places.find(|(task, number)| match key {
        TaskKey::Name(name) => task.as_ref().is_some_and(|t| t.is_named(name)),
        TaskKey::Id(id) => number == id,
    });
    found.map(|(task, _)| task).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Role;

    fn prompt() -> Caller {
        Caller { origin: Arc::new(Origin::Prompt), role: Role::Local }
    }

    fn task(name: &str) -> NewTask {
        let every = Duration::from_secs(60);
        NewTask { name: Some(name.to_owned()), every, start: None, command: format!("print {name}") }
    }

    fn name(text: &str) -> TaskKey {
        TaskKey::Name(text.to_owned())
    }

    #[test]
    fn number_of_a_removed_task_is_used_again() {
        let schedulers = Schedulers::new();
        schedulers.schedule(1, task("a"), prompt()).unwrap();
        schedulers.schedule(1, task("b"), prompt()).unwrap();
        schedulers.change(1, &name("a"), TaskChange::Remove).unwrap();
        schedulers.schedule(1, task("c"), prompt()).unwrap();
        let status = schedulers.status();
        let names: Vec<_> = status[1].tasks.iter().map(|t| (t.id, t.name.clone().unwrap())).collect();
        assert_eq!(names, [(1, "c".to_owned()), (2, "b".to_owned())]);
    }

    #[test]
    fn name_is_unique_in_its_scheduler() {
        let schedulers = Schedulers::new();
        schedulers.schedule(1, task("a"), prompt()).unwrap();
        let error = schedulers.schedule(1, task("a"), prompt()).unwrap_err();
        assert_eq!(error, Error::with(Code::STRUCTURE, "Duplicate task name: 'a'"));
        schedulers.schedule(2, task("a"), prompt()).unwrap();
    }

    #[test]
    fn unknown_task_is_named() {
        let schedulers = Schedulers::new();
        let error = schedulers.command(1, &name("t2")).unwrap_err();
        assert_eq!(error, Error::with(Code::NO_TASK, "Task 't2' in scheduler '1' is not valid"));
        let error = schedulers.change(1, &TaskKey::Id(3), TaskChange::Stop).unwrap_err();
        assert_eq!(error, Error::with(Code::NO_TASK, "Task '#3' in scheduler '1' is not valid"));
    }

    #[test]
    fn number_above_the_limit_is_refused() {
        let error = Schedulers::new().schedule(11, task("a"), prompt()).unwrap_err();
        assert_eq!(error.code, Code::STRUCTURE);
    }

    #[test]
    fn due_tasks_are_taken_in_order_and_once() {
        let schedulers = Schedulers::new();
        let now = Instant::now();
        schedulers.schedule(1, task("a"), prompt()).unwrap();
        schedulers.schedule(1, task("b"), prompt()).unwrap();
        let soon = now + Duration::from_secs(1);
        assert_eq!(schedulers.take_due(1, 0, soon), Some((0, "print a".to_owned(), prompt())));
        assert_eq!(schedulers.take_due(1, 1, soon), Some((1, "print b".to_owned(), prompt())));
        assert_eq!(schedulers.take_due(1, 0, soon), None);
        let later = soon + Duration::from_secs(60);
        assert_eq!(schedulers.take_due(1, 0, later), Some((0, "print a".to_owned(), prompt())));
    }
}
