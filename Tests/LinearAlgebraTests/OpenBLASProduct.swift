import COpenBLAS

/// C = alpha · A · B + beta · C for row-major matrices of 32-bit numbers, by OpenBLAS: the reference here.
///
/// A is `rows` x `inner`, B `inner` x `columns`, C `rows` x `columns`; a stride is the distance between
/// the starts of two rows. A transposed factor lies in memory as its transpose.
func multiply(
    _ a: UnsafePointer<Float>, stride aStride: Int, aTransposed: Bool = false,
    by b: UnsafePointer<Float>, stride bStride: Int, bTransposed: Bool = false,
    into c: UnsafeMutablePointer<Float>, stride cStride: Int,
    rows: Int, inner: Int, columns: Int, alpha: Float = 1, beta: Float = 0
) {
    cblas_sgemm(
        CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
        bTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), alpha,
        a, Int32(aStride), b, Int32(bStride), beta, c, Int32(cStride))
}
