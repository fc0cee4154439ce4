import Foundation
import Synchronization

/// Progress of long work on standard error: counts, share and time left on a terminal, a line per
/// stage elsewhere.
final class ProgressBar: Sendable {
    private struct State {
        var stage = ""
        var startedAt = ContinuousClock.now
        var drawnAt = ContinuousClock.now
        var isOpen = false
    }

    private let state = Mutex(State())

    /// Shows that `done` of `total` units of a stage are finished.
    func show(_ stage: String, _ done: Int, of total: Int, unit: String = "rows") {
        state.withLock { state in
            let now = ContinuousClock.now
            if state.stage != stage {
                close(&state)
                state = State(
                    stage: stage, startedAt: now, drawnAt: now - .seconds(1), isOpen: true)
                if !Terminal.showsProgress {
                    Terminal.complain("\(stage): \(total) \(unit)")
                }
            }
            let isLast = done >= total
            guard Terminal.showsProgress, isLast || now - state.drawnAt > .milliseconds(100) else {
                return
            }
            state.drawnAt = now
            let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
            let elapsed = (now - state.startedAt) / .seconds(1)
            let left = share > 0 && share < 1 ? elapsed / share * (1 - share) : 0
            let filled = Int(share * 24)
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: 24 - filled)
            let time =
                isLast ? "\(formatted(elapsed, places: 1)) s" : "\(Int(left.rounded(.up))) s left"
            FileHandle.standardError.write(
                Data("\r\u{1B}[K\(stage) \(bar) \(done)/\(total) \(unit), \(time)".utf8))
            if isLast {
                close(&state)
            }
        }
    }

    /// Ends the line of the stage that is being shown.
    func finish() {
        state.withLock { close(&$0) }
    }

    private func close(_ state: inout State) {
        if state.isOpen, Terminal.showsProgress {
            FileHandle.standardError.write(Data("\n".utf8))
        }
        state.isOpen = false
    }
}
