const state = document.querySelector('#state')
const why = document.querySelector('#why')
const checkAgain = document.querySelector('#check-again')
const enterKey = document.querySelector('#enter-key')
const text = document.querySelector('textarea')

/** Quiet while all is well; a trial can be followed by a license key at any time. Without a license, the text can still be read and copied, and none of it is lost. */
function show(view) {
  const { status, usable, message, advice, trial } = view
  state.hidden = status === 'valid' && advice === null
  state.dataset.status = status
  why.textContent = [message, advice].filter(Boolean).join(' ')
  checkAgain.hidden = !view.checkAgain
  enterKey.hidden = usable && trial === null
  text.readOnly = !usable
}

checkAgain.addEventListener('click', async () => {
  why.textContent = 'One moment…'
  show(await window.license.checkAgain())
})
enterKey.addEventListener('click', () => window.license.enterKey())
text.focus()
window.license.onChange(show)
window.license.view().then(show)
