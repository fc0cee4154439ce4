import ArgumentParser
import Foundation
import GraphFiles
import PostgresClient
import Storage

/// Where edges come from, as the command line tells it: a file, or the database.
struct EdgeSourceOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "An edge list, plain or gzip-compressed; - for standard input.",
            discussion: """
                CSV with the columns source and target, and weight where there is one, in any order, \
                among others. A node's name may be any text.
                """))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Read the database's active graph instead of a file.", valueName: "conninfo"))
    var dsn: String?

    @Option(
        help: ArgumentHelp(
            "What separates fields: one character, `tab`, or `whitespace` for edge lists without a header whose lines of comment begin with #.",
            valueName: "character"))
    var delimiter: Delimiter = Delimiter(separator: .byte(UInt8(ascii: ",")))

    @Flag(help: "The first row is an edge: source, target and, if there are more, weight.")
    var noHeader = false

    @Option(
        help: ArgumentHelp(
            "Megabytes that may be used; by default what the machine has free.",
            valueName: "megabytes"))
    var memoryLimit: Int?

    func validate() throws {
        guard (file == nil) != (dsn == nil) else {
            throw ValidationError("give an edge list, or the database by --dsn")
        }
        if let memoryLimit, memoryLimit < 1 {
            throw ValidationError("--memory-limit is \(memoryLimit); it must be at least 1")
        }
    }

    var memoryLimitBytes: Int? { memoryLimit.map { $0 << 20 } }

    private var format: EdgeListFormat {
        EdgeListFormat(
            separator: delimiter.separator,
            hasHeader: !noHeader && delimiter.separator != .whitespace)
    }

    /// Reads the edges; stops with figures where they need more memory than there may be.
    func read(wantsWeights: Bool, threadCount: Int) async throws -> EdgeRows {
        let bound = memoryLimitBytes ?? MemoryNeed.availableByteCount
        func check(nodes: Int, edges: Int) throws {
            let need = MemoryNeed(
                nodes: nodes, edges: edges, threadCount: threadCount, isWeighted: wantsWeights)
            if need.peakBytes > bound { try need.check(limit: memoryLimitBytes) }
        }
        guard let file else {
            let database = try await connect()
            let (entities, relationships) = try await StoredEdges.count(on: database)
            try check(nodes: entities, edges: relationships)
            let edges = try await StoredEdges(on: database)
            await database.close()
            return EdgeRows(edges)
        }
        do {
            return EdgeRows(
                try EdgeList(file: file, format: format, keepsWeights: wantsWeights) { rowCount in
                    try check(nodes: 0, edges: rowCount)
                })
        } catch let error as GraphFileError where error.code == .badHeader {
            var advised = error
            advised.reason += "; see --no-header and --delimiter"
            throw advised
        }
    }

    /// How many nodes and edges there are; a file's nodes within about 2 %.
    func size() async throws -> (nodes: Int, edges: Int) {
        guard let file else {
            let database = try await connect()
            let (entities, relationships) = try await StoredEdges.count(on: database)
            await database.close()
            return (entities, relationships)
        }
        let size = try EdgeListSize(file: file, format: format)
        return (size.nodeCount, size.rowCount)
    }

    private func connect() async throws -> PostgresConnection {
        let database = try await PostgresConnection.connect(dsn ?? "", applicationName: "vigil")
        try await Installation.check(on: database)
        return database
    }
}

/// What separates fields, as the command line names it.
struct Delimiter: ExpressibleByArgument {
    let separator: EdgeListFormat.Separator

    init(separator: EdgeListFormat.Separator) { self.separator = separator }

    init?(argument: String) {
        switch argument {
        case "whitespace": separator = .whitespace
        case "tab", "\\t": separator = .byte(UInt8(ascii: "\t"))
        default:
            guard argument.utf8.count == 1, let byte = argument.utf8.first,
                byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r")
            else { return nil }
            separator = .byte(byte)
        }
    }

    var defaultValueDescription: String { "," }
}
