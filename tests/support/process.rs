//! Processes under test: their log is read as it is written, and they end when dropped.

use anyhow::{anyhow, bail, Context, Result};
use std::{
	env,
	ffi::OsStr,
	fs,
	io::{BufRead, BufReader, Read},
	path::PathBuf,
	process::{Child, Command, ExitStatus, Stdio},
	sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
	thread,
	time::{Duration, Instant},
};

/// How long a line of a log, or the end of a process, is waited for.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// How long a dropped process has to end by itself.
const GRACE: Duration = Duration::from_secs(5);
/// The lines of a log that are shown when a test fails.
const SHOWN: usize = 300;

/// The path of a binary of this workspace, beside the running one.
pub fn binary(name: &str) -> Result<PathBuf> {
	let own = env::current_exe().context("the path of the running binary")?;
	let mut folder = own.parent().context("the folder of the running binary")?;
	if folder.ends_with("deps") {
		folder = folder.parent().context("the folder of the binaries")?;
	}
	let path = folder.join(name);
	if !path.is_file() {
		bail!("{} is not built: run scripts/test.sh", path.display());
	}
	Ok(path)
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
	// Cargo and nextest name the package that they test. What was compiled may be of another
	// clone, since clones share a target directory.
	let named = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
	named.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("..")
}

/// The folder to which `scripts/setup.sh` fetches what is not built here.
pub fn cache() -> Result<PathBuf> {
	let variable = |name| env::var_os(name).map(PathBuf::from);
	if let Some(folder) = variable("ASSAY_CACHE") {
		return Ok(folder);
	}
	let home = || Some(variable("HOME")?.join(".cache"));
	let caches = variable("XDG_CACHE_HOME").or_else(home);
	Ok(caches.context("neither ASSAY_CACHE nor HOME is set")?.join("assay"))
}

#[derive(Default)]
struct Lines {
	lines: Vec<String>,
	open: usize,
}

/// What a process has written so far.
#[derive(Default)]
struct Log {
	lines: Mutex<Lines>,
	changed: Condvar,
}

impl Log {
	fn lock(&self) -> MutexGuard<'_, Lines> {
		self.lines.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Read a stream to its end on a thread of its own.
	fn read(self: &Arc<Self>, stream: impl Read + Send + 'static) {
		self.lock().open += 1;
		let log = self.clone();
		thread::spawn(move || {
			for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
				log.lock().lines.push(String::from_utf8_lossy(&line).into_owned());
				log.changed.notify_all();
			}
			log.lock().open -= 1;
			log.changed.notify_all();
		});
	}

	/// The first line from `start` on that holds `needle`, with its position.
	fn find(&self, needle: &str, start: usize) -> Result<(usize, String)> {
		let until = Instant::now() + PATIENCE;
		let mut lines = self.lock();
		loop {
			let found =
				lines.lines.iter().enumerate().skip(start).find(|(_, l)| l.contains(needle));
			if let Some((at, line)) = found {
				return Ok((at, line.clone()));
			}
			let left = until.saturating_duration_since(Instant::now());
			if left.is_zero() || lines.open == 0 {
				bail!("no line with `{needle}` in the log");
			}
			lines =
				self.changed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
		}
	}

	fn tail(&self) -> String {
		let lines = self.lock();
		let from = lines.lines.len().saturating_sub(SHOWN);
		lines.lines[from..].join("\n")
	}
}

/// A running process. It ends when dropped, and the end of its log is printed.
pub struct Process {
	name: String,
	child: Child,
	log: Arc<Log>,
}

impl Process {
	/// Start a binary of this workspace.
	pub fn start<A: AsRef<OsStr>>(name: &str, arguments: &[A]) -> Result<Self> {
		let mut command = Command::new(binary(name)?);
		command.args(arguments);
		Self::spawn(name, command)
	}

	/// Start a command.
	pub fn spawn(name: &str, mut command: Command) -> Result<Self> {
		let mut child = command
			.stdin(Stdio::null())
			.stdout(Stdio::piped())
			.stderr(Stdio::piped())
			.spawn()
			.with_context(|| format!("cannot start {name}"))?;
		let log = Arc::new(Log::default());
		log.read(child.stdout.take().context("stdout is piped")?);
		log.read(child.stderr.take().context("stderr is piped")?);
		Ok(Process { name: name.into(), child, log })
	}

	/// All that it has written so far.
	pub fn log(&self) -> String {
		self.log.lock().lines.join("\n")
	}

	/// Wait for a line of the log that holds `needle`.
	pub fn line(&self, needle: &str) -> Result<String> {
		self.line_after(0, needle).map(|(_, line)| line)
	}

	/// Wait for a line of the log, not before position `start`, that holds `needle`.
	pub fn line_after(&self, start: usize, needle: &str) -> Result<(usize, String)> {
		self.log.find(needle, start).map_err(|error| anyhow!("{}: {error}", self.name))
	}

	/// The number of lines that the log has now.
	pub fn lines(&self) -> usize {
		self.log.lock().lines.len()
	}

	/// The process as the system numbers it.
	pub fn id(&self) -> u32 {
		self.child.id()
	}

	/// The processor time that the process has taken so far.
	pub fn processor_time(&self) -> Result<Duration> {
		/// The ticks in which Linux counts, a second.
		const TICKS: f64 = 100.0;

		let path = format!("/proc/{}/stat", self.id());
		let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
		// The second field is a name in brackets, which may hold anything.
		let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
		// Of the fields after it, those of user and system time.
		let ticks = fields.skip(11).take(2).map(str::parse::<u64>);
		let ticks = ticks.sum::<Result<u64, _>>().with_context(|| format!("{path}: {text}"))?;
		Ok(Duration::from_secs_f64(ticks as f64 / TICKS))
	}

	/// Kill the process as a crash of the machine would, and wait for its end.
	pub fn kill(&mut self) -> Result<ExitStatus> {
		self.child.kill()?;
		Ok(self.child.wait()?)
	}

	/// Ask the process to end, and wait until it does.
	pub fn stop(&mut self) -> Result<ExitStatus> {
		self.signal("TERM")?;
		self.wait(PATIENCE)
	}

	/// Send a signal by its name.
	pub fn signal(&self, signal: &str) -> Result<()> {
		let id = self.child.id().to_string();
		Command::new("kill").args(["-s", signal, &id]).status()?;
		Ok(())
	}

	/// Wait until the process ends by itself.
	pub fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
		let until = Instant::now() + patience;
		loop {
			if let Some(status) = self.child.try_wait()? {
				return Ok(status);
			}
			if Instant::now() > until {
				bail!("{} did not end within {} s", self.name, patience.as_secs());
			}
			thread::sleep(Duration::from_millis(20));
		}
	}
}

impl Drop for Process {
	fn drop(&mut self) {
		// A script that is asked to end takes its children along. A process that has ended already
		// cannot be signalled, which is as good.
		if !matches!(self.child.try_wait(), Ok(Some(_))) {
			let _ = self.signal("TERM");
			let _ = self.wait(GRACE);
		}
		let _ = self.child.kill();
		let _ = self.child.wait();
		// The runner shows what a test prints only if the test fails.
		eprintln!("--- the last lines of {} ---\n{}", self.name, self.log.tail());
	}
}
