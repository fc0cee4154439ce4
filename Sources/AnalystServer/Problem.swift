import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import PostgresClient
import Storage

/// Why a request has failed: problem details of RFC 9457.
struct Problem: Error, Sendable, HTTPResponseError {
    var status: HTTPResponse.Status
    /// What is wrong in general: the same for every occurrence.
    var title: String
    /// What is wrong with this request.
    var detail: String?
    /// The way out.
    var hint: String?
    /// Further header fields.
    var headers: HTTPFields = [:]

    init(
        _ status: HTTPResponse.Status, _ detail: String? = nil, hint: String? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        title = status.reasonPhrase
        self.detail = detail
        self.hint = hint
        self.headers = headers
    }

    /// The problem behind an error; nil where it is none that the caller should hear of.
    init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as PostgresError: self.init(database: error)
        case let error as StorageError where error.code == .unknownAnomaly:
            self.init(.notFound, error.message, hint: error.hint)
        case let error as HTTPError:
            self.init(error.status, error.body, headers: error.headers)
        default: return nil
        }
    }

    private init?(database error: PostgresError) {
        switch error.code {
        case .connectionFailed, .connectionLost, .authenticationFailed, .databaseMissing:
            self.init(
                .serviceUnavailable, "the database cannot be reached",
                hint: "Try again; /readyz says how the sidecar is.", headers: [.retryAfter: "2"])
            return
        case .serverError: break
        case .unexpectedResult:
            self.init(.unprocessableContent, error.message, hint: error.hint)
            return
        case .invalidConnectionString, .aborted, .cancelled: return nil
        }
        let state = error.sqlState ?? ""
        switch state {
        case "42501": self.init(.forbidden, error.message, hint: error.hint)
        case "P0002", "02000", "42704": self.init(.notFound, error.message, hint: error.hint)
        case "23505", "55000", "40001", "40P01":
            self.init(.conflict, error.message, hint: error.hint)
        case "55P03":
            self.init(
                .serviceUnavailable, "somebody else is changing this",
                hint: "Try again.", headers: [.retryAfter: "1"])
        case "57014": self.init(.gatewayTimeout, error.message, hint: error.hint)
        case "P0001": self.init(.unprocessableContent, error.message, hint: error.hint)
        default:
            switch state.prefix(2) {
            case "22", "23": self.init(.unprocessableContent, error.message, hint: error.hint)
            case "53", "57", "08":
                self.init(
                    .serviceUnavailable, "the database is busy or going down",
                    hint: "Try again.", headers: [.retryAfter: "2"])
            default: return nil
            }
        }
    }

    /// What nobody outside needs to know more of.
    static func fault(requestID: String) -> Problem {
        Problem(
            .internalServerError, "the request failed",
            hint: "The sidecar's log has more, under the request id \(requestID).")
    }

    /// The document.
    var json: String {
        struct Document: Encodable {
            var type = "about:blank"
            var title: String
            var status: Int
            var detail, hint: String?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            title: title, status: status.code, detail: detail, hint: hint)
        return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: json)))
    }
}
