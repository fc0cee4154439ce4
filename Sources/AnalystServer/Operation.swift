import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// One operation of the REST API: the router and the OpenAPI document are made from the same list.
struct Operation: Sendable {
    var method: HTTPRequest.Method
    /// The path with its parameters in braces.
    var path: String
    /// The name for programs.
    var id: String
    var summary: String
    /// The least role that may call it.
    var role = Identity.Role.reader
    var parameters: [Parameter] = []
    /// JSON Schema of the body, as text; nil: none.
    var body: String?
    /// The type of the answer, and its JSON Schema as text where that is JSON.
    var answer = Answer()
    /// Whether it finds something by its name: so it may answer 404.
    var mayMiss = false
    var handle: @Sendable (Call) async throws -> Response

    struct Answer: Sendable {
        var type = "application/json"
        var schema = "{}"
        var status = 200
    }
}

/// A parameter in the path or in the query.
struct Parameter: Sendable {
    enum Place: String, Sendable { case path, query }

    enum Kind: Sendable {
        case uuid
        case integer(ClosedRange<Int64>)
        case number(ClosedRange<Double>)
        case word([String])
        /// Some of these words, with commas.
        case words([String])
        case time
        case text(lengthMax: Int)
    }

    var name: String
    var place = Place.query
    var kind: Kind
    var about: String

    /// The JSON Schema, as a value.
    var schema: [String: any Sendable] {
        switch kind {
        case .uuid: ["type": "string", "format": "uuid"]
        case .integer(let range):
            ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound]
        case .number(let range):
            ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound]
        case .word(let words): ["type": "string", "enum": words]
        case .words(let words):
            [
                "type": "string",
                "pattern":
                    "^(\(words.joined(separator: "|")))(,(\(words.joined(separator: "|"))))*$",
            ]
        case .time: ["type": "string", "format": "date-time", "pattern": Self.timePattern]
        case .text(let lengthMax): ["type": "string", "maxLength": lengthMax]
        }
    }

    private static let timePattern =
        "^[1-9][0-9]{3}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?Z$"

    /// A whole number, which JSON Schema also calls `17.0`; nil for anything else.
    static func integer(_ text: String) -> Int64? {
        let whole = text.wholeMatch(of: /(-?[0-9]+)(\.0+)?/)?.1
        return whole.flatMap { Int64($0) }
    }

    /// What is wrong with a value; nil where nothing is.
    func fault(of value: String) -> String? {
        switch kind {
        case .uuid: UUID(uuidString: value) == nil ? "is not a UUID" : nil
        case .integer(let range):
            Self.integer(value).map(range.contains) == true
                ? nil : "is not a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            Double(value).map(range.contains) == true
                ? nil : "is not a number from \(range.lowerBound) to \(range.upperBound)"
        case .word(let words):
            words.contains(value) ? nil : "is none of " + words.joined(separator: ", ")
        case .words(let words):
            value.split(separator: ",", omittingEmptySubsequences: false)
                .allSatisfy { words.contains(String($0)) }
                ? nil : "names something else than " + words.joined(separator: ", ")
        case .time:
            value.range(of: Self.timePattern, options: .regularExpression) == nil
                ? "is not a time in UTC such as 2026-01-31T12:00:00Z" : nil
        case .text(let lengthMax):
            value.unicodeScalars.count > lengthMax
                ? "is longer than \(lengthMax) characters"
                : value.unicodeScalars.contains("\0") ? "holds a zero character" : nil
        }
    }
}

/// A request that has passed its operation's checks.
struct Call: Sendable {
    let request: Request
    let context: AnalystContext
    let identity: Identity
    private let values: [String: String]
    private let bodyBytes: ByteBuffer?

    static let bodySizeMax = 1 << 20

    /// Checks a request.
    init(_ operation: Operation, request: Request, context: AnalystContext) async throws {
        self.request = request
        self.context = context
        identity = try context.identity(atLeast: operation.role)
        var values: [String: String] = [:]
        let query = request.uri.queryParameters
        for parameter in operation.parameters {
            let value: String?
            switch parameter.place {
            case .path: value = context.parameters.get(parameter.name)
            case .query:
                let given = query.getAll(parameter.name)
                guard given.count <= 1 else {
                    throw Problem(
                        .unprocessableContent, "\(parameter.name) is given more than once")
                }
                value = given.first.map { String($0) }
            }
            guard let value else { continue }
            if let fault = parameter.fault(of: value) {
                throw Problem(.unprocessableContent, "\(parameter.name) \(fault)")
            }
            values[parameter.name] = value
        }
        self.values = values
        guard operation.body != nil else {
            bodyBytes = nil
            return
        }
        let type = request.headers[.contentType]?.prefix { $0 != ";" }
        guard type == nil || type?.lowercased() == "application/json" else {
            throw Problem(.unsupportedMediaType, "the body must be application/json")
        }
        do {
            bodyBytes = try await request.body.collect(upTo: Self.bodySizeMax)
        } catch {
            throw Problem(.contentTooLarge, "the body is larger than \(Self.bodySizeMax) bytes")
        }
    }

    /// A parameter; nil where it was not given.
    subscript(name: String) -> String? { values[name] }

    /// A whole number; nil where it was not given.
    func integer(_ name: String) -> Int64? { values[name].flatMap(Parameter.integer) }

    /// The body.
    func body<Body: Decodable>(_ type: Body.Type) throws -> Body {
        do {
            return try JSONDecoder().decode(
                Body.self, from: Data(bodyBytes?.readableBytesView ?? ByteBufferView()))
        } catch let error as DecodingError {
            throw Problem(
                .unprocessableContent, "the body is not as it must be: \(Self.words(error))")
        }
    }

    private static func words(_ error: DecodingError) -> String {
        let place = { (path: [any CodingKey]) in
            path.isEmpty ? "" : path.map(\.stringValue).joined(separator: ".") + " "
        }
        switch error {
        case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return place(context.codingPath) + "has another type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : place(context.codingPath) + context.debugDescription
        @unknown default: return "it cannot be read"
        }
    }
}

extension Response {
    /// JSON; 304 where the caller has the same already.
    static func json(
        _ text: String, status: HTTPResponse.Status = .ok, call: Call? = nil, link: String? = nil
    ) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let link { headers[.link] = link }
        if let call, call.request.method == .get || call.request.method == .head {
            return .tagged(Array(text.utf8), headers: headers, request: call.request)
        }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Bytes with their entity tag; 304 where the caller has the same already.
    static func tagged(_ bytes: [UInt8], headers: HTTPFields, request: Request) -> Response {
        var headers = headers
        let tag = "\"\(EntityTag.of(bytes))\""
        headers[.eTag] = tag
        headers[.cacheControl] = "private, no-cache"
        let known =
            request.headers[.ifNoneMatch]?.split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        if known.contains(where: { $0 == tag || $0 == "W/" + tag || $0 == "*" }) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
