const form = document.querySelector('form')
const status = document.querySelector('[role=status]')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  status.textContent = 'One moment…'
  const view = await window.license.activate(new FormData(form).get('key'))
  status.textContent = view.message
  if (view.usable) window.location = 'editor.html'
})
