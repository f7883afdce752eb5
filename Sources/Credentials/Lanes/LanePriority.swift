/// How the threads of a ``WorkLane`` share the CPUs with event loops and with other programs.
public enum LanePriority: Sendable {
    /// As any other thread: for work that waits more than it computes.
    case normal
    /// After the others (nice 14): some four percent of a CPU that is wanted by somebody else all the time.
    case low
    /// Only what the others leave (Linux: `SCHED_IDLE`; elsewhere as ``low``): for work that burns a CPU, so that a storm
    /// of it delays nobody. Work that gets next to nothing for half a second is begun once more by a thread of priority
    /// ``low``, and the first result counts: it must do no harm when it is done twice.
    case leftover

    /// What setpriority(2) takes.
    var niceness: Int32 { self == .normal ? 0 : 14 }
}
