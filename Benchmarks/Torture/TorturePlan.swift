import AnomalyModels

/// One thing that is done to the sidecar, to PostgreSQL, or beside the writers.
enum Act: Sendable, Equatable, CustomStringConvertible {
    /// SIGKILL to the sidecar; it is started again after so many milliseconds.
    case killSidecar(restartAfter: Int)
    /// SIGTERM: it must end by itself, with code 0.
    case stopSidecar(restartAfter: Int)
    /// SIGSTOP, and SIGCONT after so many milliseconds.
    case pauseSidecar(milliseconds: Int)
    /// SIGKILL to PostgreSQL's first process; the server is down for so many milliseconds.
    case killServer(downFor: Int)
    /// SIGKILL to the session that the feed has: PostgreSQL ends all others and recovers by itself.
    case killBackend
    /// A clean restart of PostgreSQL.
    case restartServer
    /// `pg_terminate_backend` for the sidecar's sessions.
    case endSidecarSessions
    /// `pg_terminate_backend` for any three sessions.
    case endSessions
    /// SIGSTOP of the server process of the feed's session: a network that swallows everything.
    case freezeSession(milliseconds: Int)
    /// A transaction that writes, stays open, and ends one way or the other.
    case longTransaction(seconds: Int, commits: Bool)
    /// A transaction that is prepared, and ended by another session later.
    case preparedTransaction(seconds: Int, commits: Bool)
    /// So many entities and twice as many relationships in one transaction.
    case burst(rows: Int)
    /// An administrator's lock on a table that the sidecar writes.
    case lockTable(String, seconds: Int)
    /// Another value of a setting.
    case set(String, String)
    /// A model is trained and made active.
    case retrain(seed: Int)
    /// Back to the model before.
    case rollBackModel
    /// Everything is to be judged again.
    case scan
    /// Upkeep, VACUUM, ANALYZE.
    case maintain
    /// Nothing is left of the disk for so many milliseconds.
    case fillDisk(milliseconds: Int)
    /// The standby takes over for good, the first server is killed.
    case failOver
    /// The relationships are truncated.
    case truncate
    /// A session listens and reads nothing, and the queue of notifications is filled to the brim for so
    /// many seconds: 8 GB on the disk.
    case fillQueue(seconds: Int)

    var description: String {
        switch self {
        case .killSidecar(let delay): "kill -9 the sidecar, again after \(delay) ms"
        case .stopSidecar(let delay): "SIGTERM to the sidecar, again after \(delay) ms"
        case .pauseSidecar(let time): "SIGSTOP the sidecar for \(time) ms"
        case .killServer(let time): "kill -9 PostgreSQL, down for \(time) ms"
        case .killBackend: "kill -9 the feed's server process"
        case .restartServer: "restart PostgreSQL"
        case .endSidecarSessions: "pg_terminate_backend for all of the sidecar's sessions"
        case .endSessions: "pg_terminate_backend for three sessions"
        case .freezeSession(let time): "SIGSTOP the feed's server process for \(time) ms"
        case .longTransaction(let seconds, let commits):
            "a transaction open for \(seconds) s, then \(commits ? "COMMIT" : "ROLLBACK")"
        case .preparedTransaction(let seconds, let commits):
            "a prepared transaction for \(seconds) s, then \(commits ? "COMMIT" : "ROLLBACK")"
        case .burst(let rows): "\(rows) entities and \(2 * rows) relationships in one transaction"
        case .lockTable(let table, let seconds): "ACCESS EXCLUSIVE on \(table) for \(seconds) s"
        case .set(let name, let value): "set \(name) to \(value)"
        case .retrain(let seed): "train and activate a model, seed \(seed)"
        case .rollBackModel: "roll back to the model before"
        case .scan: "ask for a full scan"
        case .maintain: "upkeep, VACUUM and ANALYZE"
        case .fillDisk(let time): "a full disk for \(time) ms"
        case .failOver: "kill -9 the server, promote the standby"
        case .truncate: "TRUNCATE vigil.relationships"
        case .fillQueue(let seconds): "a full queue of notifications for \(seconds) s"
        }
    }

    /// The word by which the kind is chosen on the command line, and counted.
    var kind: String {
        switch self {
        case .killSidecar: "kill-sidecar"
        case .stopSidecar: "stop-sidecar"
        case .pauseSidecar: "pause-sidecar"
        case .killServer: "kill-server"
        case .killBackend: "kill-backend"
        case .restartServer: "restart-server"
        case .endSidecarSessions: "end-sidecar-sessions"
        case .endSessions: "end-sessions"
        case .freezeSession: "freeze-session"
        case .longTransaction: "long-transaction"
        case .preparedTransaction: "prepared-transaction"
        case .burst: "burst"
        case .lockTable: "lock-table"
        case .set: "set"
        case .retrain: "retrain"
        case .rollBackModel: "roll-back-model"
        case .scan: "scan"
        case .maintain: "maintain"
        case .fillDisk: "fill-disk"
        case .failOver: "fail-over"
        case .truncate: "truncate"
        case .fillQueue: "fill-queue"
        }
    }
}

/// Which act comes when: the same for the same seed, length and kinds.
struct TorturePlan: Sendable {
    /// An act and how long after the act before it begins.
    struct Step: Sendable {
        var pauseMilliseconds: Int
        var act: Act
    }

    /// Steps of one round, after which a verdict is taken.
    typealias Round = [Step]

    private var random: SeededRandom
    private let kinds: Set<String>
    private let transactionSecondsMax: Int

    /// A plan of these kinds of acts.
    init(seed: UInt64, kinds: Set<String>, transactionSecondsMax: Int) {
        random = SeededRandom(seed: seed)
        self.kinds = kinds
        self.transactionSecondsMax = transactionSecondsMax
    }

    /// Every kind, with how often it comes in comparison with the others.
    static let weights: [(kind: String, weight: Int)] = [
        ("kill-sidecar", 10), ("stop-sidecar", 2), ("pause-sidecar", 4), ("kill-server", 6),
        ("kill-backend", 2), ("restart-server", 2), ("end-sidecar-sessions", 4),
        ("end-sessions", 3), ("freeze-session", 2), ("long-transaction", 4),
        ("prepared-transaction", 4), ("burst", 4), ("lock-table", 2), ("set", 4), ("retrain", 3),
        ("roll-back-model", 1), ("scan", 2), ("maintain", 2), ("fill-disk", 2), ("truncate", 1),
    ]

    /// The acts of the next round of about so many seconds.
    mutating func nextRound(seconds: Double) -> Round {
        var round: Round = []
        var milliseconds = 0
        while Double(milliseconds) < seconds * 1000 {
            // Now and then time enough to come to rest.
            let pause = number(300, number(0, 5) == 0 ? 15_000 : 5_000)
            milliseconds += pause
            guard let act = draw() else { break }
            round.append(Step(pauseMilliseconds: pause, act: act))
        }
        return round
    }

    private mutating func draw() -> Act? {
        let choice = Self.weights.filter { kinds.contains($0.kind) }
        var place = random.index(below: choice.map(\.weight).reduce(0, +))
        for (kind, weight) in choice {
            if place < weight { return act(kind) }
            place -= weight
        }
        return nil
    }

    private mutating func act(_ kind: String) -> Act? {
        switch kind {
        case "kill-sidecar": return Act.killSidecar(restartAfter: number(0, 3000))
        case "stop-sidecar": return Act.stopSidecar(restartAfter: number(0, 2000))
        case "pause-sidecar": return Act.pauseSidecar(milliseconds: number(500, 15_500))
        case "kill-server": return Act.killServer(downFor: number(0, 4000))
        case "kill-backend": return Act.killBackend
        case "restart-server": return Act.restartServer
        case "end-sidecar-sessions": return Act.endSidecarSessions
        case "end-sessions": return Act.endSessions
        case "freeze-session": return Act.freezeSession(milliseconds: number(500, 8500))
        case "long-transaction":
            let seconds = number(5, 5 + transactionSecondsMax)
            return Act.longTransaction(seconds: seconds, commits: number(0, 4) > 0)
        case "prepared-transaction":
            let seconds = number(1, 21)
            return Act.preparedTransaction(seconds: seconds, commits: number(0, 3) > 0)
        case "burst": return Act.burst(rows: number(500, 3000))
        case "lock-table":
            let table = Self.lockedTables[number(0, Self.lockedTables.count)]
            return Act.lockTable(table, seconds: number(2, 16))
        case "set": return setting()
        case "retrain": return Act.retrain(seed: number(0, 1000))
        case "roll-back-model": return Act.rollBackModel
        case "scan": return Act.scan
        case "maintain": return Act.maintain
        case "fill-disk": return Act.fillDisk(milliseconds: number(1000, 7000))
        case "truncate": return Act.truncate
        default: return nil
        }
    }

    /// Tables that the sidecar writes.
    private static let lockedTables = [
        "entity_scores", "relationship_scores", "anomalies", "feed_state", "sidecars",
    ]

    /// A number from the first up to, and without, the second.
    private mutating func number(_ lower: Int, _ upper: Int) -> Int {
        lower + random.index(below: upper - lower)
    }

    private mutating func setting() -> Act {
        switch number(0, 3) {
        case 0: return Act.set("feed_arm", number(0, 2) == 0 ? "true" : "false")
        case 1: return Act.set("anomaly_threshold", "0.\(number(2, 7))")
        default: return Act.set("fallback_poll_milliseconds", "\(number(50, 1050))")
        }
    }
}
