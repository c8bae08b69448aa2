/** A released version of a product, which a license can be tied to. */
export interface ProductVersion {
  readonly id: string
  readonly productId: string
  /** As the vendor writes it, such as `2.1.0`. */
  readonly version: string
  readonly description: string | null
  readonly active: boolean
  readonly createdAt: Date
}
