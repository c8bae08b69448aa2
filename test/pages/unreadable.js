// What a person could not read of the page, a line each: too little contrast (WCAG 2.2, 1.4.3 and 1.4.11), or cut off.
;(() => {
  const TEXT = 4.5
  const CONTROL = 3
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number)
  const opaque = (colour) => (channels(colour)[3] ?? 1) === 1
  const linear = (channel) => (channel <= 10 ? channel / 3294 : ((channel / 255 + 0.055) / 1.055) ** 2.4)
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map(linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const ground = (element) => {
    const own = getComputedStyle(element).backgroundColor
    return opaque(own) || element.parentElement === null ? own : ground(element.parentElement)
  }
  const isFaded = (element) =>
    getComputedStyle(element).opacity !== '1' || (element.parentElement !== null && isFaded(element.parentElement))
  const hasText = ({ childNodes }) => [...childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '')
  const judge = (element, what, colour, behind, least) => {
    const ratio = contrast(colour, behind)
    return ratio >= least ? [] : [`${what} of ${element.id || element.textContent}: ${ratio.toFixed(2)}`]
  }

  function faultsOf(element) {
    const style = getComputedStyle(element)
    const isField = element.matches('input')
    const faults = []
    if (hasText(element) || isField) faults.push(...judge(element, 'text', style.color, ground(element), TEXT))
    if (isField) {
      const { color } = getComputedStyle(element, '::placeholder')
      faults.push(...judge(element, 'placeholder', color, ground(element), TEXT))
    }
    if (element.matches('input, button')) {
      const edge = opaque(style.borderTopColor) ? style.borderTopColor : style.backgroundColor
      faults.push(...judge(element, 'edge', edge, ground(element.parentElement), CONTROL))
    }
    if (element === document.activeElement && style.outlineStyle !== 'none') {
      faults.push(...judge(element, 'focus ring', style.outlineColor, ground(element.parentElement), CONTROL))
    }
    if (isFaded(element)) faults.push(`faded: ${element.id || element.textContent}`)
    const isCut = element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline' && !isField
    if (isCut) faults.push(`cut off: ${element.id || element.textContent}`)
    return faults
  }

  const isShown = (element) => element.checkVisibility() && !element.matches(':disabled')
  const elements = [document.documentElement, ...document.querySelectorAll('body, body *')]
  return elements.filter(isShown).flatMap(faultsOf)
})()
