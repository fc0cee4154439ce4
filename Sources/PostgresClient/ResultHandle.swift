import CLibPQ

/// The one owner of a `PGresult`.
struct ResultHandle: ~Copyable {
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// The count in the command tag; zero where the command counts nothing.
    var affectedRowCount: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func columnType(_ column: Int) -> Oid { PQftype(pointer, Int32(column)) }

    func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(pointer, Int32(row), Int32(column)) != 0
    }

    /// The bytes of a field, valid while the handle lives.
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, Int32(row), Int32(column)),
            count: Int(PQgetlength(pointer, Int32(row), Int32(column))))
    }

    /// A field of the server's error report.
    func errorField(_ code: Character) -> String? {
        guard let ascii = code.asciiValue,
            let text = PQresultErrorField(pointer, Int32(ascii))
        else { return nil }
        return String(cString: text)
    }

    var errorMessage: String { String(cString: PQresultErrorMessage(pointer)) }
}
