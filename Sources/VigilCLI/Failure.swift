import AnomalyModels
import Foundation
import GraphDrawing
import GraphFiles
import LocalCluster
import ModelTraining
import OperationsServer
import PostgresClient
import Sidecar
import Storage

/// An error as the user meets it: one line that names the thing and the way out, and an exit code
/// by its kind (those of sysexits.h).
struct Failure: Error {
    enum Kind: Int32 {
        case usage = 64
        case badData = 65
        case noInput = 66
        case unavailable = 69
        case unexpected = 70
        case cannotCreate = 73
        case tryLater = 75
        case notPermitted = 77
        case configuration = 78
        /// What a shell says of a program that a signal has ended.
        case interrupted = 130
    }

    var exitCode: Int32
    var message: String

    init(exitCode: Kind, message: String) {
        self.exitCode = exitCode.rawValue
        self.message = message
    }

    /// `nil` for the argument parser's own errors, which print themselves.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as PostgresError: self.init(error)
        case let error as StorageError:
            self.init(exitCode: Self.kind(of: error.code), message: error.description)
        case let error as GraphFileError:
            self.init(exitCode: Self.kind(of: error.code), message: error.description)
        case let error as TrainingError:
            self.init(
                exitCode: error.code == .cancelled ? .interrupted : .badData,
                message: error.description)
        case is CancellationError:
            self.init(exitCode: .interrupted, message: "interrupted; nothing was stored")
        case let error as DrawingError:
            self.init(exitCode: .unexpected, message: error.description)
        case let error as OperationsError:
            self.init(exitCode: .tryLater, message: error.description)
        case let error as LocalClusterError:
            self.init(exitCode: .unavailable, message: error.description)
        default: return nil
        }
    }

    private init(_ error: PostgresError) {
        let kind: Kind =
            switch error.code {
            case .connectionFailed, .connectionLost, .databaseMissing: .unavailable
            case .authenticationFailed: .notPermitted
            case .invalidConnectionString: .usage
            default: Self.kind(ofState: error.sqlState ?? "")
            }
        self.init(exitCode: kind, message: error.description)
    }

    /// By the class of the SQLSTATE: its first two characters.
    private static func kind(ofState state: String) -> Kind {
        if state == "42501" { return .notPermitted }
        return switch state.prefix(2) {
        // A value that a column refuses, or a constraint.
        case "22", "23": .badData
        // What is not there, or not in the state for it.
        case "P0" where state == "P0002": .noInput
        case "55": .badData
        // A table, column or function that is not there.
        case "42", "3F": .configuration
        default: .unexpected
        }
    }

    private static func kind(of code: GraphFileError.Code) -> Kind {
        switch code {
        case .missing: .noInput
        case .unwritable: .cannotCreate
        case .unreadable, .malformed, .badHeader, .badValue, .limitExceeded: .badData
        }
    }

    private static func kind(of code: StorageError.Code) -> Kind {
        switch code {
        case .notInstalled, .wrongVersion, .wrongRoute, .pooledConnection,
            .alreadyInstalled, .invalidSetting, .corruptState,
            .graphTooLarge, .staleCatalog:
            .configuration
        case .unknownAnomaly, .unknownModel: .noInput
        case .corruptModel, .duplicateModel, .invalidTask, .notReplayable: .badData
        case .anotherSidecar: .tryLater
        }
    }
}
