import CLibPQ

/// Object ids of PostgreSQL's built-in types, fixed in its catalog (src/include/catalog/pg_type.dat).
enum TypeOID {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let char: Oid = 18
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let json: Oid = 114
    static let xml: Oid = 142
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let boolArray: Oid = 1000
    static let int4Array: Oid = 1007
    static let textArray: Oid = 1009
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let int8Array: Oid = 1016
    static let float4Array: Oid = 1021
    static let float8Array: Oid = 1022
    static let timestamp: Oid = 1114
    static let timestamptz: Oid = 1184
    static let timestamptzArray: Oid = 1185
    static let uuid: Oid = 2950
    static let uuidArray: Oid = 2951
    static let jsonb: Oid = 3802
    static let xid8: Oid = 5069

    /// Types made in the database (enums among them) have ids from here on.
    static let firstUserDefined: Oid = 16384
}
