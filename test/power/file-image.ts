/** What a disk has of a file. */
export class FileImage {
  private bytes = Buffer.alloc(0)
  private length = 0

  write(offset: number, data: Buffer): void {
    this.lengthen(offset + data.length)
    data.copy(this.bytes, offset)
  }

  /** Makes it at least so long; what comes to it is zeros. */
  lengthen(length: number): void {
    if (length <= this.length) return
    if (length > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.bytes.length))
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    this.length = length
  }

  /** As `ftruncate`: may make it longer, too. */
  setLength(length: number): void {
    if (length < this.length) this.bytes.fill(0, length, this.length)
    this.lengthen(length)
    this.length = length
  }

  copy(): FileImage {
    const image = new FileImage()
    image.write(0, this.content())
    return image
  }

  /** Not a copy. */
  content(): Buffer {
    return this.bytes.subarray(0, this.length)
  }
}
