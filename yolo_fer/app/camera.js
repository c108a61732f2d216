// The camera tab. Gradio calls this with `element`, which holds the markup of camera_tab.py.
const part = (name) => element.querySelector(`#camera-${name}`);
const button = part('switch'), whole = part('whole'), stage = part('stage'), video = part('video');
const picture = part('picture'), off = part('off'), trouble = part('trouble'), found = part('found');
const said = part('said'), smooth = part('smooth'), seconds = part('seconds');
const introduction = found.innerHTML;
const FRAMES_A_SECOND = 15, LONGEST_SIDE = 1280, QUALITY = 0.85, SAY_EVERY = 3000;
const WANTED = { video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } } };

const AGAIN = ' Then press Start again.';
const ABSENT = 'This computer has no camera that the browser can see. Connect one and switch it on.' +
  AGAIN + ' Images and Videos work without a camera.';
const BUSY = 'The camera is there, but another program has it, such as a video call or another tab. ' +
  'Close that.' + AGAIN;
const GONE = 'The camera went away: it was unplugged, or this page may not use it any more.' + AGAIN;
const INSECURE = 'Browsers give a camera only to pages of the same computer and to pages with https. ' +
  'Open this page as http://localhost on the computer that runs it, or ask for an https address. ' +
  'Images and Videos work here, too.';
const REASONS = {
  NotAllowedError: 'The camera was refused. Allow it for this page: press the sign beside the ' +
    'address above, a camera, a lock or sliders. If it is allowed there, allow the browser the ' +
    'camera in the settings of this computer or phone.' + AGAIN,
  NotFoundError: ABSENT, OverconstrainedError: ABSENT, NotReadableError: BUSY, AbortError: BUSY,
  SecurityError: INSECURE, InsecureError: INSECURE,
};

let stream = null; // what is running
let isAsking = false;
let saidAt = 0;

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = text === '';
}

function show(what) {
  off.hidden = what !== off;
  video.hidden = what !== video;
  picture.hidden = what !== picture;
  whole.hidden = what === off;
  button.textContent = stream ? 'Stop the camera' : 'Start the camera';
  button.classList.toggle('stops', stream !== null);
}

function stop(why = '') {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  picture.removeAttribute('src');
  found.innerHTML = introduction;
  said.textContent = why === '' ? 'The camera is off.' : '';
  complain(why);
  show(off);
}

async function start() {
  if (isAsking) return;
  isAsking = true;
  complain('');
  off.textContent = 'Waiting for the camera. If the browser asks, allow it.';
  try {
    if (!navigator.mediaDevices) throw Object.assign(new Error(), { name: 'InsecureError' });
    video.srcObject = await navigator.mediaDevices.getUserMedia(WANTED);
    video.srcObject.getVideoTracks()[0].onended = () => stop(GONE);
    await video.play();
    stream = video.srcObject;
    show(video);
    run(stream);
  } catch (error) {
    stop(REASONS[error.name] ?? `The camera cannot be used (${error.name}: ${error.message}).`);
  } finally {
    isAsking = false;
    off.textContent = 'The camera is off.';
  }
}

const canvas = document.createElement('canvas');
function frame() {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(scale * video.videoWidth);
  canvas.height = Math.round(scale * video.videoHeight);
  const context = canvas.getContext('2d');
  context.setTransform(-1, 0, 0, 1, canvas.width, 0); // as in a mirror
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function run(mine) {
  const digits = crypto.getRandomValues(new Uint8Array(16));
  const name = Array.from(digits, (digit) => digit.toString(16).padStart(2, '0')).join('');
  while (stream === mine) {
    const taken = performance.now();
    try {
      const address = new URL(`camera?visitor=${name}&smooth=${smooth.value}`, document.baseURI);
      const answer = await fetch(address, { method: 'POST', body: await frame() });
      const told = answer.ok ? await answer.json() : await answer.text();
      if (stream !== mine) return;
      complain(answer.ok ? '' : told);
      if (answer.ok) tell(told, taken);
      else await pause(1000);
    } catch {
      if (stream === mine) stop('The page does not answer any more. Is it still running?' + AGAIN);
      return;
    }
    await pause(1000 / FRAMES_A_SECOND - (performance.now() - taken));
  }
}

function tell(told, taken) {
  picture.src = told.picture;
  found.innerHTML = told.found;
  if (video.hidden === false) show(picture);
  found.querySelector('[data-own]').textContent = `${Math.round(performance.now() - taken)} ms`;
  // Who hears the page is told what changed, and not at every frame.
  if (told.said === said.textContent || performance.now() - saidAt < SAY_EVERY) return;
  saidAt = performance.now();
  said.textContent = told.said;
}

button.onclick = () => (stream ? stop() : start());
whole.onclick = () => stage.requestFullscreen();
smooth.oninput = () => { seconds.textContent = `${Number(smooth.value).toFixed(2)} s`; };
